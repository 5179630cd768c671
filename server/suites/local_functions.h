// The functions that `local:` calls may name, as far as suites know them.
#ifndef PERFRIG_SERVER_SUITES_LOCAL_FUNCTIONS_H_
#define PERFRIG_SERVER_SUITES_LOCAL_FUNCTIONS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/strings/field_problem.h"

namespace perfrig::suites {

// Everything that is wrong with the data of a call, as JSON; fields are those
// within the data: "bytes"; "" for all of them. Thread-safe.
using CheckData =
    std::function<std::vector<FieldProblem>(std::string_view data)>;

// By name; without a check any data will do.
using LocalFunctions = std::map<std::string, CheckData, std::less<>>;

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_LOCAL_FUNCTIONS_H_
