// What a cache holds, and where it was found.
#ifndef PERFRIG_SERVER_CACHE_VALUE_H_
#define PERFRIG_SERVER_CACHE_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace perfrig::cache {

// Shared, so that a hit copies no bytes and an evicted value lives as long as
// somebody reads it.
using Value = std::shared_ptr<const std::string>;

inline Value MakeValue(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

enum class Source : std::uint8_t {
  kNowhere,
  kFirstTier,
  kSecondTier,
  kComputed,
};

struct Found {
  // Null where it is nowhere.
  Value value = {};
  Source source = Source::kNowhere;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_VALUE_H_
