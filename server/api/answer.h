// Answering a unary call: at once, from a worker, or from elsewhere.
//
//   return Answer(context, runs_.Get(request->name()), response);
//   return AnswerLater(context, workers_, [=] { return Read(…); }, response);
#ifndef PERFRIG_SERVER_API_ANSWER_H_
#define PERFRIG_SERVER_API_ANSWER_H_

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/rpc/status.h"
#include "common/status/details.h"
#include "common/sync/workers.h"

namespace perfrig::api {

template <typename Response>
grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                 absl::StatusOr<Response> result,
                                 Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const grpc::Status status = ToGrpc(result.status());
  if (result.ok()) *response = *std::move(result);
  reactor->Finish(status);
  return reactor;
}

// A call that is answered exactly once: by Give, or as ABORTED when the last
// holder lets go of it without an answer.
template <typename Response>
class PendingAnswer {
 public:
  PendingAnswer(grpc::ServerUnaryReactor* reactor, Response* response)
      : reactor_(reactor), response_(response) {}
  ~PendingAnswer() {
    if (reactor_ != nullptr) {
      reactor_->Finish({grpc::StatusCode::ABORTED, "the daemon is stopping"});
    }
  }
  PendingAnswer(const PendingAnswer&) = delete;
  PendingAnswer& operator=(const PendingAnswer&) = delete;

  void Give(absl::StatusOr<Response> result) {
    const grpc::Status status = ToGrpc(result.status());
    if (result.ok()) *response_ = *std::move(result);
    std::exchange(reactor_, nullptr)->Finish(status);
  }

 private:
  grpc::ServerUnaryReactor* reactor_;
  Response* response_;
};

// `work` gives a StatusOr<Response> and may block; the request outlives it.
template <typename Response, typename Work>
grpc::ServerUnaryReactor* AnswerLater(grpc::CallbackServerContext* context,
                                      Workers& workers, Work work,
                                      Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto answer = std::make_shared<PendingAnswer<Response>>(reactor, response);
  const absl::Status posted = workers.Post(
      [answer, work = std::move(work)]() mutable { answer->Give(work()); });
  if (!posted.ok()) {
    answer->Give(
        WithQuota(posted, "api/workers", std::string(posted.message())));
  }
  return reactor;
}

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_ANSWER_H_
