// The suites compiled into the daemon, and those of `--suites DIR`.
#ifndef PERFRIG_SERVER_SUITES_SHIPPED_H_
#define PERFRIG_SERVER_SUITES_SHIPPED_H_

#include <string_view>
#include <vector>

namespace perfrig::suites {

struct ShippedSuite {
  // Path below suites/, for messages.
  std::string_view file;
  std::string_view text;
};

// Generated from suites/**/*.yaml at build time.
const std::vector<ShippedSuite>& ShippedSuites();

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_SHIPPED_H_
