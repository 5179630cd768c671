// A look at the target itself that takes a while, which no behavior delays and
// no statistics count.
#ifndef PERFRIG_SERVER_TARGETS_ANSWER_SOON_H_
#define PERFRIG_SERVER_TARGETS_ANSWER_SOON_H_

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/status/status.h"
#include "common/rpc/status.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {

// `script`, a function from `Scope&` to a Task<absl::Status>, fills in the
// response.
template <class Script>
grpc::ServerUnaryReactor* AnswerSoon(Script script) {
  class Call final : public grpc::ServerUnaryReactor {
   public:
    explicit Call(Script script) : script_(std::move(script)) {}

    void Start() {
      Launch(script_(scope_),
             [this](const absl::Status& status) { Finish(ToGrpc(status)); });
    }
    void OnCancel() override { scope_.Cancel(); }
    void OnDone() override { delete this; }

   private:
    Scope scope_;
    // Until the call ends: tasks refer to what it holds.
    Script script_;
  };
  auto* const call = new Call(std::move(script));
  call->Start();
  return call;
}

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_ANSWER_SOON_H_
