// Whether the calls and the load of a group of a test can be made.
#ifndef PERFRIG_SERVER_SUITES_CHECK_GROUP_H_
#define PERFRIG_SERVER_SUITES_CHECK_GROUP_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/check_call.h"
#include "server/suites/groups.h"

namespace perfrig::suites {

// Adds what is wrong with the group at the path `field`; `test` is its own.
void CheckGroup(const v1::Test& test, const GroupView& group,
                const CallScope& scope, const std::string& field,
                std::vector<FieldProblem>& problems);

// Adds what is wrong with the groups' names, and with what a test of groups
// leaves to them.
void CheckGroups(const v1::Test& test, const std::string& field,
                 std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_GROUP_H_
