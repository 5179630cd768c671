// Whether a call can be made.
#ifndef PERFRIG_SERVER_SUITES_CHECK_CALL_H_
#define PERFRIG_SERVER_SUITES_CHECK_CALL_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/local_functions.h"
#include "server/suites/method_types.h"
#include "server/suites/supplied.h"

namespace perfrig::suites {

// `types` may be null: methods are known when the run starts.
struct CallScope {
  MethodTypes* types = nullptr;
  // Those that `local:` may name; null: any.
  const LocalFunctions* local_functions = nullptr;
  // What calls before the round and earlier ones of the iteration capture.
  std::vector<std::string> captured;
  // What data templates may name; null: anything.
  const Supplied* supplied = nullptr;
};

// Adds what is wrong with the call at the path `field`.
void CheckOneCall(const v1::Call& call, const CallScope& scope,
                  const std::string& field,
                  std::vector<FieldProblem>& problems);

void CheckMetadata(
    const google::protobuf::RepeatedPtrField<v1::Metadata>& metadata,
    const std::string& field, std::vector<FieldProblem>& problems);

// Times as all tests and the defaults have them.
void CheckDeadline(const google::protobuf::Duration& deadline,
                   std::string field, std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CHECK_CALL_H_
