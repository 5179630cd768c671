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

Task<absl::Status> BeforeSending(Target& target, Stay& stay,
                                 const google::protobuf::Message& message) {
  if (message.ByteSizeLong() <= kLightBytes) co_return absl::OkStatus();
  co_return co_await target.elsewhere().Go(stay.scope());
}

Task<absl::Status> Send(Target& target, Stay& stay,
                        const google::protobuf::Message& response) {
  const std::size_t bytes = response.ByteSizeLong();
  double most = 0;
  CO_RETURN_IF_ERROR(stay.HoldLargest(static_cast<double>(bytes), most));
  if (stay.entered() && Station::LimitsBandwidth(stay)) {
    CO_RETURN_IF_ERROR(co_await stay.Transfer(static_cast<double>(bytes)));
  }
  if (bytes > kLightBytes) {
    co_return co_await target.elsewhere().Go(stay.scope());
  }
  co_return absl::OkStatus();
}

namespace internal {

Task<absl::Status> AndSend(Target& target, Stay& stay,
                           Task<absl::Status> script,
                           const google::protobuf::Message& response) {
  CO_RETURN_IF_ERROR(co_await std::move(script));
  co_return co_await Send(target, stay, response);
}

}  // namespace internal

grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context) {
  auto* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace perfrig::targets
