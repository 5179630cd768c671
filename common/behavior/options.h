// The options that only one kind of target has, by their names:
//
//   SetOption("database", "replicas", "2", behavior);
#ifndef PERFRIG_COMMON_BEHAVIOR_OPTIONS_H_
#define PERFRIG_COMMON_BEHAVIOR_OPTIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/strings/field_problem.h"
#include "perfrig/v1/behavior.pb.h"

namespace perfrig {

// Of the target of that name ("database"); none for one without options.
[[nodiscard]] std::vector<std::string> OptionNames(std::string_view target);

// `text` is a number, a size ("64MB"), a time ("20ms"), true or false, or the
// name of a value in lower case, by the option's type. INVALID_ARGUMENT where
// it is not; ranges are CheckOptions' to check.
absl::Status SetOption(std::string_view target, std::string_view option,
                       std::string_view text, v1::Behavior& behavior);

// What is out of range: "database.replicas".
[[nodiscard]] std::vector<FieldProblem> CheckOptions(
    const v1::Behavior& behavior);

// The target whose options are set, or "".
[[nodiscard]] std::string OptionsTarget(const v1::Behavior& behavior);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_BEHAVIOR_OPTIONS_H_
