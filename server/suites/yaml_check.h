// Makes a YAML tree ready to be read: puts variables in place, and refuses
// what YAML allows but no suite can mean.
#ifndef PERFRIG_SERVER_SUITES_YAML_CHECK_H_
#define PERFRIG_SERVER_SUITES_YAML_CHECK_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/map.h"
#include "server/suites/problem_log.h"
#include "server/suites/yaml_tree.h"

namespace perfrig::suites {

using Variables = google::protobuf::Map<std::string, std::string>;

// Keys are names, and stand once in their map; what breaks that is a problem
// and goes. Tests of one name stay, for CheckSuite to refuse. `${NAME}` in
// values gives way to the variable.
void PrepareYaml(YamlNode& root, const Variables& variables, ProblemLog& log);

// `${NAME}` or `${NAME:-default}`, also several within a text; `$${` is a
// plain `${`. INVALID_ARGUMENT naming a variable that is not set.
absl::StatusOr<std::string> ExpandVariables(std::string_view text,
                                            const Variables& variables);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_YAML_CHECK_H_
