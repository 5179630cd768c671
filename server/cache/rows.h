// A table, row by row.
#ifndef PERFRIG_SERVER_CACHE_ROWS_H_
#define PERFRIG_SERVER_CACHE_ROWS_H_

#include <cstdint>
#include <string>

namespace perfrig::cache {

struct Row {
  std::int64_t id = 0;
  std::string name;
  double amount = 0;
  std::int32_t quantity = 0;
  bool active = false;

  bool operator==(const Row&) const = default;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_ROWS_H_
