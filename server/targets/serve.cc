#include "server/targets/serve.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/details.h"

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

void AddTrailers(grpc::CallbackServerContext& context, const PhaseTimes& phases,
                 const absl::Status& status) {
  const std::string text = phases.ToString();
  if (!text.empty()) context.AddTrailingMetadata("perfrig-phases", text);
  if (const std::optional<Nanos> wait = RetryOf(status); wait.has_value()) {
    context.AddTrailingMetadata(
        "grpc-retry-pushback-ms",
        absl::StrCat((*wait + kMillisecond - 1) / kMillisecond));
  }
}

absl::Status Gone() { return absl::CancelledError("the client has gone"); }

absl::Status Dropped() { return absl::UnavailableError("dropped by a fault"); }

double BytesOf(const google::protobuf::Message& message) {
  return static_cast<double>(message.ByteSizeLong());
}

namespace internal {

Task<absl::Status> AndTransfer(Stay& stay, Task<absl::Status> script,
                               const google::protobuf::Message& response) {
  CO_RETURN_IF_ERROR(co_await std::move(script));
  if (stay.entered() && Station::LimitsBandwidth(stay)) {
    co_return co_await stay.Transfer(
        static_cast<double>(response.ByteSizeLong()));
  }
  co_return absl::OkStatus();
}

}  // namespace internal

grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context) {
  auto* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace perfrig::targets
