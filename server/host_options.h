// What the operator's configuration means for the mock targets.
#ifndef PERFRIG_SERVER_HOST_OPTIONS_H_
#define PERFRIG_SERVER_HOST_OPTIONS_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/targets/host.h"

namespace perfrig {

// Reads the file of --behavior, with `variables` for `${NAME}`.
// INVALID_ARGUMENT tells all that is wrong with it, and where.
absl::StatusOr<targets::HostOptions> MakeHostOptions(
    const Config& config, const std::map<std::string, std::string>& variables);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_HOST_OPTIONS_H_
