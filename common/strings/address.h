// Where a daemon or a target listens, as people write it.
#ifndef PERFRIG_COMMON_STRINGS_ADDRESS_H_
#define PERFRIG_COMMON_STRINGS_ADDRESS_H_

#include <string_view>

namespace perfrig {

// True for "name:port", "1.2.3.4:port", "[::1]:port", "dns:///name:port" and
// "unix:/path".
[[nodiscard]] bool IsAddress(std::string_view text);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_ADDRESS_H_
