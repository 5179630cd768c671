// Makes a YAML tree ready to be read: puts variables in place, and refuses
// what YAML allows but no file of ours can mean.
#ifndef PERFRIG_COMMON_YAML_CHECK_H_
#define PERFRIG_COMMON_YAML_CHECK_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"
#include "google/protobuf/map.h"

namespace perfrig::yaml {

using Variables = google::protobuf::Map<std::string, std::string>;

// Keys are names, and stand once in their map; what breaks that is a problem
// and goes. In the map whose field is `repeating` they may stand twice (none
// where that is empty). `${NAME}` in values gives way to the variable.
void Prepare(Node& root, const Variables& variables, std::string_view repeating,
             ProblemLog& log);

// `${NAME}` or `${NAME:-default}`, also several within a text; `$${` is a
// plain `${`. INVALID_ARGUMENT naming a variable that is not set.
absl::StatusOr<std::string> ExpandVariables(std::string_view text,
                                            const Variables& variables);

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_CHECK_H_
