// What may be rendered: templates that do nothing but show variables, and
// neither side too large or too deep.
#ifndef PERFRIG_SERVER_TARGETS_TEMPLATE_CHECK_H_
#define PERFRIG_SERVER_TARGETS_TEMPLATE_CHECK_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/struct.pb.h"

namespace perfrig::targets {

inline constexpr std::size_t kLargestTemplate = 256U << 10;

// INVALID_ARGUMENT naming line, rule and value.
absl::Status CheckTemplate(std::string_view text);
// The same, of a request's `variables`.
absl::Status CheckVariables(const google::protobuf::Struct& variables);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_TEMPLATE_CHECK_H_
