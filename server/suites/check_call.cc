#include "server/suites/check_call.h"

#include <set>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/checks/ranges.h"
#include "common/strings/nearest.h"
#include "server/suites/call_program.h"
#include "server/suites/check_call_options.h"
#include "server/suites/check_names.h"

namespace perfrig::suites {
namespace {

using google::protobuf::MethodDescriptor;

constexpr std::string_view kLocal = "local:";

// Names of what is observed or captured.
void CheckNames(const google::protobuf::RepeatedPtrField<v1::Observe>& taken,
                const std::string& field, std::vector<FieldProblem>& problems) {
  std::set<std::string_view> seen;
  for (const v1::Observe& one : taken) {
    const std::string at = absl::StrCat(field, ".", one.name());
    if (auto problem = CheckMetricName(one.name())) {
      problems.push_back({at, *problem});
    } else if (!seen.insert(one.name()).second) {
      problems.push_back({at, "is there twice"});
    }
  }
}

// What checks the data of a local call; null where nothing does. Adds a problem
// where there is no such function.
const CheckData* FindCheck(const v1::Call& call, const CallScope& scope,
                           const std::string& field,
                           std::vector<FieldProblem>& problems) {
  if (scope.local_functions == nullptr || !call.method().starts_with(kLocal) ||
      CheckMethodName(call.method())) {
    return nullptr;
  }
  const std::string name = call.method().substr(kLocal.size());
  const auto found = scope.local_functions->find(name);
  if (found != scope.local_functions->end()) {
    return found->second == nullptr ? nullptr : &found->second;
  }
  std::vector<std::string> known;
  for (const auto& [each, check] : *scope.local_functions) {
    known.push_back(each);
  }
  problems.push_back({field + ".call",
                      absl::StrCat("this daemon has no function \"local:", name,
                                   "\"", DidYouMean(name, known), "; it has ",
                                   absl::StrJoin(known, ", "))});
  return nullptr;
}

// The method's type; null where it is not known, or where it is a local
// function. Adds a problem where there is no such method.
const MethodDescriptor* FindMethod(const v1::Call& call, const CallScope& scope,
                                   const std::string& field,
                                   std::vector<FieldProblem>& problems) {
  if (call.method().empty()) {
    problems.push_back({field, "needs call, as in call: pkg.Service/Method"});
    return nullptr;
  }
  const std::string at = field + ".call";
  if (auto problem = CheckMethodName(call.method())) {
    problems.push_back({at, *problem});
    return nullptr;
  }
  if (call.method().starts_with(kLocal)) return nullptr;
  if (scope.types == nullptr) return nullptr;
  const auto method = scope.types->Find(call.method());
  if (method.ok()) return *method;
  problems.push_back({at, std::string(method.status().message())});
  return nullptr;
}

}  // namespace

void CheckOneCall(const v1::Call& call, const CallScope& scope,
                  const std::string& field,
                  std::vector<FieldProblem>& problems) {
  const MethodDescriptor* method = FindMethod(call, scope, field, problems);
  const CheckData* check_data = FindCheck(call, scope, field, problems);
  if (call.has_deadline()) {
    CheckDeadline(call.deadline(), field + ".deadline", problems);
  }
  CheckMetadata(call.metadata(), field + ".metadata", problems);
  CheckCallOptions(call, method, field, problems);
  CheckNames(call.observe(), field + ".observe", problems);
  CheckNames(call.capture(), field + ".capture", problems);
  for (FieldProblem& problem :
       CheckCall(call, method, scope.captured, scope.supplied, check_data)) {
    problems.push_back(
        {absl::StrCat(field, ".", problem.field), std::move(problem.message)});
  }
}

void CheckMetadata(
    const google::protobuf::RepeatedPtrField<v1::Metadata>& metadata,
    const std::string& field, std::vector<FieldProblem>& problems) {
  for (const v1::Metadata& entry : metadata) {
    if (auto problem = CheckMetadataName(entry.name())) {
      problems.push_back({absl::StrCat(field, ".", entry.name()), *problem});
    }
  }
}

void CheckDeadline(const google::protobuf::Duration& deadline,
                   std::string field, std::vector<FieldProblem>& problems) {
  CheckDuration(deadline, {absl::ZeroDuration(), absl::Hours(1), true},
                std::move(field), problems);
}

}  // namespace perfrig::suites
