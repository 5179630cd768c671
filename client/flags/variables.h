// Variables that a suite's text asks for.
#ifndef PERFRIG_CLIENT_FLAGS_VARIABLES_H_
#define PERFRIG_CLIENT_FLAGS_VARIABLES_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace perfrig {

// Names in `${NAME}`, `${NAME:-default}` and `{{env NAME}}`.
[[nodiscard]] std::set<std::string> VariablesIn(std::string_view text);

// The values that travel with the text: from `settings` first, then from
// `environment`. A name that neither knows is left out, for the daemon to
// report with its line; what the text does not name never leaves this host.
[[nodiscard]] std::map<std::string, std::string> ResolveVariables(
    std::string_view text, const std::map<std::string, std::string>& settings,
    const std::function<std::optional<std::string>(const std::string&)>&
        environment);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_FLAGS_VARIABLES_H_
