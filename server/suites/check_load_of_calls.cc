#include "server/suites/check_load_of_calls.h"

#include "absl/strings/str_cat.h"

namespace perfrig::suites {
namespace {

bool IsLocal(const v1::Call& call) {
  return call.method().starts_with("local:");
}

// A session talks both ways, for as long as it lasts.
void CheckSession(const v1::Call& call, MethodTypes* types,
                  const std::string& field,
                  std::vector<FieldProblem>& problems) {
  if (call.has_retry()) {
    problems.push_back(
        {field, "must not be set: a session is not tried again"});
  }
  if (IsLocal(call)) {
    problems.push_back({field, "must not be set: a local call is no session"});
    return;
  }
  if (types == nullptr) return;
  const auto method = types->Find(call.method());
  if (!method.ok()) return;
  if (!(*method)->client_streaming() || !(*method)->server_streaming()) {
    problems.push_back({field, absl::StrCat("must not be set: ", call.method(),
                                            " does not stream both ways")});
  }
}

}  // namespace

void CheckLoadOfCalls(const v1::Load& load,
                      const google::protobuf::RepeatedPtrField<v1::Call>& calls,
                      MethodTypes* types, const std::string& field,
                      std::vector<FieldProblem>& problems) {
  if (calls.empty()) return;
  if (load.has_network() && IsLocal(calls[0])) {
    problems.push_back({field + ".network",
                        "must not be set: a local call goes over no network"});
  }
  if (load.sessions() == 0) return;
  const std::string at = field + ".sessions";
  if (calls.size() > 1) {
    problems.push_back(
        {at, "must not be set: a session is one call, not several"});
  } else {
    CheckSession(calls[0], types, at, problems);
  }
}

}  // namespace perfrig::suites
