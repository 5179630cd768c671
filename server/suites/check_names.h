// What suites, tests, steps, metrics, methods and targets may be called.
#ifndef PERFRIG_SERVER_SUITES_CHECK_NAMES_H_
#define PERFRIG_SERVER_SUITES_CHECK_NAMES_H_

#include <optional>
#include <string>
#include <string_view>

namespace perfrig::suites {

// All of them: the rule that the name breaks, with the name; nothing where it
// is right.

// "suites/{suite}".
std::optional<std::string> CheckSuiteName(std::string_view name);
// Of a test or a step.
std::optional<std::string> CheckTestName(std::string_view name);
// Of what is observed or captured.
std::optional<std::string> CheckMetricName(std::string_view name);
std::optional<std::string> CheckTag(std::string_view tag);
// "pkg.Service/Method" or "local:name".
std::optional<std::string> CheckMethodName(std::string_view name);
// What must be there for a test to run: "redis", "baseline", ….
std::optional<std::string> CheckNeed(std::string_view need);
// "self", "spawn", "host:port", "dns:///name:port", "unix:/path".
std::optional<std::string> CheckTargetName(std::string_view target);
std::optional<std::string> CheckMetadataName(std::string_view name);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_NAMES_H_
