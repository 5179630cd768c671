// What stands before and after a round: calls that are not measured, and
// changes of behavior.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "server/runs/call_once.h"
#include "server/runs/test_runner.h"

namespace perfrig::runs {
namespace {

bool Captures(const v1::Call& call, const std::string& name) {
  return std::any_of(
      call.capture().begin(), call.capture().end(),
      [&](const v1::Observe& capture) { return capture.name() == name; });
}

}  // namespace

absl::Status TestRunner::Act(
    Setting& setting,
    const google::protobuf::RepeatedPtrField<v1::Action>& actions,
    const char* when) {
  for (int i = 0; i < actions.size(); ++i) {
    if (stop_.stop_requested()) return absl::CancelledError("cancelled");
    const v1::Action& action = actions[i];
    const absl::Status status = action.has_behavior()
                                    ? setting.control->Update(action.behavior())
                                    : MakeCall(setting, action.call());
    if (!status.ok()) {
      return {status.code(),
              absl::StrCat(when, "[", i, "]: ", std::string(status.message()))};
    }
  }
  return absl::OkStatus();
}

absl::Status TestRunner::MakeCall(Setting& setting, const v1::Call& call) {
  const std::vector<std::string> names = suites::CaptureNames(setting.test);
  ASSIGN_OR_RETURN(
      const CompiledCall compiled,
      CompileCall(call, setting.suite.defaults(), setting.types.get(), {},
                  names, setting.supplied));
  drivers::Request request;
  std::vector<std::string> captured(names.size());
  RETURN_IF_ERROR(FillRequest(
      compiled,
      {.sequence = 0, .random = &setting.random, .captured = &captured},
      request));
  ASSIGN_OR_RETURN(const OneAnswer answer,
                   CallOnce(clock_, *setting.drivers, request, stop_,
                            setting.time_limit_at));
  std::vector<std::pair<std::string, std::string>> trailers;
  trailers.reserve(answer.trailers.size());
  for (const auto& [name, value] : answer.trailers) {
    trailers.emplace_back(name, value);
  }
  const suites::CallVerdict verdict =
      compiled.program->Judge({.status = answer.status,
                               .message = answer.message,
                               .trailers = &trailers,
                               .latency = answer.done - answer.sent,
                               .service = answer.done - answer.sent},
                              captured);
  if (verdict.ok) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (Captures(call, names[i])) {
        setting.supplied.captured[names[i]] = std::move(captured[i]);
      }
    }
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      call.method(), " ended as ", std::string(StatusName(answer.status)),
      answer.status_message.empty() ? "" : ": ", answer.status_message,
      verdict.reason.empty() ? "" : ": ", verdict.reason));
}

}  // namespace perfrig::runs
