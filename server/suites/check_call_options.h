// Whether a call can be made in the way it asks for.
#ifndef PERFRIG_SERVER_SUITES_CHECK_CALL_OPTIONS_H_
#define PERFRIG_SERVER_SUITES_CHECK_CALL_OPTIONS_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "google/protobuf/descriptor.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// Adds what is wrong with the options of the call at the path `field`. Without
// a method only their ranges are checked.
void CheckCallOptions(const v1::Call& call,
                      const google::protobuf::MethodDescriptor* method,
                      const std::string& field,
                      std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_CALL_OPTIONS_H_
