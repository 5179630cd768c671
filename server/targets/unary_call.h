// Calls that answer one message with one.
#ifndef PERFRIG_SERVER_TARGETS_UNARY_CALL_H_
#define PERFRIG_SERVER_TARGETS_UNARY_CALL_H_

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/status/status.h"
#include "server/targets/call.h"

namespace perfrig::targets {

// Answers one message with one: what ServeUnary makes.
template <class Response, class Answer>
class UnaryCall final : public TargetCall<grpc::ServerUnaryReactor> {
 public:
  UnaryCall(Target& target, grpc::CallbackServerContext* context,
            const Response& response, Answer answer)
      : TargetCall(target, context),
        response_(response),
        answer_(std::move(answer)) {}

  using TargetCall::Enter;

 private:
  void Resume(const absl::Status& status) override {
    if (!status.ok() || answered_) return End(status);
    answered_ = true;
    const absl::Status result = answer_();
    if (!result.ok() || !Station::LimitsBandwidth(*this)) return End(result);
    const auto bytes = static_cast<double>(response_.ByteSizeLong());
    station().WaitUntil(*this, Now() + Station::TransferTime(*this, bytes),
                        Phase::kTransfer);
  }

  const Response& response_;
  Answer answer_;
  bool answered_ = false;
};

// What a unary call works for before it is answered.
struct UnaryWork {
  // Where the behavior has no delay; outlives the call.
  const DelaySampler* own_delay = nullptr;
  // Draws of the delay.
  int times = 1;
};

// `answer` fills `response` when the work is done and returns a status; it is
// called at most once, by a thread that must not be blocked.
template <class Request, class Response, class Answer>
grpc::ServerUnaryReactor* ServeUnary(Target& target,
                                     grpc::CallbackServerContext* context,
                                     const Request& request,
                                     const Response& response, UnaryWork work,
                                     Answer answer) {
  auto* const call = new UnaryCall<Response, Answer>(target, context, response,
                                                     std::move(answer));
  call->Enter({.work_times = work.times,
               .transfer_bytes = static_cast<double>(request.ByteSizeLong()),
               .own_delay = work.own_delay});
  return call;
}

// Answers with an error at once.
grpc::ServerUnaryReactor* RefuseUnary(Target& target,
                                      grpc::CallbackServerContext* context,
                                      const absl::Status& status);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_UNARY_CALL_H_
