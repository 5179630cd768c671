// Whether a load can be made of the calls that it is for.
#ifndef PERFRIG_SERVER_SUITES_CHECK_LOAD_OF_CALLS_H_
#define PERFRIG_SERVER_SUITES_CHECK_LOAD_OF_CALLS_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "google/protobuf/repeated_field.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/method_types.h"

namespace perfrig::suites {

// Adds what is wrong with the load at the path `field`, as far as that depends
// on `calls`. `types` may be null: methods are known when the run starts.
void CheckLoadOfCalls(const v1::Load& load,
                      const google::protobuf::RepeatedPtrField<v1::Call>& calls,
                      MethodTypes* types, const std::string& field,
                      std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_LOAD_OF_CALLS_H_
