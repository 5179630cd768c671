// Whether a load can be made, and whether it ends.
#ifndef PERFRIG_SERVER_SUITES_CHECK_LOAD_H_
#define PERFRIG_SERVER_SUITES_CHECK_LOAD_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// Adds what is wrong with the load at the path `field`.
void CheckLoad(const v1::Load& load, const std::string& field,
               std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_LOAD_H_
