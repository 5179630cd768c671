#include "server/targets/call.h"

#include <string>

#include "absl/time/time.h"
#include "server/targets/unary_call.h"

namespace perfrig::targets {
namespace {

// A client whose deadline passes ends its stream a little before the server's
// own clock says so.
constexpr absl::Duration kDeadlineSlack = absl::Milliseconds(10);

}  // namespace

absl::Status WhyCancelled(const grpc::CallbackServerContext& context,
                          const Clock& clock) {
  const absl::Time deadline = absl::FromChrono(context.deadline());
  return clock.WallTime() + kDeadlineSlack >= deadline
             ? absl::DeadlineExceededError("the deadline has passed")
             : absl::CancelledError("cancelled");
}

void AddPhases(grpc::CallbackServerContext& context, const PhaseTimes& phases) {
  const std::string text = phases.ToString();
  if (!text.empty()) context.AddTrailingMetadata("perfrig-phases", text);
}

grpc::ServerUnaryReactor* RefuseUnary(Target& target,
                                      grpc::CallbackServerContext* context,
                                      const absl::Status& status) {
  target.station().CountRefused(status.code());
  auto* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

}  // namespace perfrig::targets
