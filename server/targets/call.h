// What the calls of all targets have in common: their way through the station,
// cancellation, and how they end.
#ifndef PERFRIG_SERVER_TARGETS_CALL_H_
#define PERFRIG_SERVER_TARGETS_CALL_H_

#include <grpcpp/grpcpp.h>

#include "absl/status/status.h"
#include "common/rpc/status.h"
#include "server/targets/behavior/station.h"
#include "server/targets/behavior/visit.h"
#include "server/targets/overrides.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// CANCELLED, or DEADLINE_EXCEEDED where that is why `context` was cancelled.
absl::Status WhyCancelled(const grpc::CallbackServerContext& context,
                          const Clock& clock);
// "perfrig-phases", where there are some.
void AddPhases(grpc::CallbackServerContext& context, const PhaseTimes& phases);

// A reactor of gRPC's that visits the station of its target; deletes itself. At
// any moment it waits for one thing: a read, a write, or the station. Where the
// call is cancelled, that one thing ends it, so that Finish is called once.
template <class Reactor>
class TargetCall : public Reactor, protected Visit {
 public:
  // Without this call having begun.
  void EndRefused(const absl::Status& status) {
    target_.station().CountRefused(status.code());
    this->Finish(ToGrpc(status));
  }

  void OnCancel() final {
    if (station().Cancel(*this)) End(absl::CancelledError("cancelled"));
  }
  void OnDone() final { delete this; }

 protected:
  TargetCall(Target& target, grpc::CallbackServerContext* context)
      : target_(target), context_(*context) {}

  [[nodiscard]] Station& station() { return target_.station(); }
  [[nodiscard]] Nanos Now() { return station().clock().Now(); }

  // Takes a place at the station, which resumes the call, or ends it because of
  // its metadata.
  void Enter(const Station::Request& request) {
    const auto override = ReadOverride(context_.client_metadata(),
                                       target_.allows_call_overrides());
    if (!override.ok()) return EndRefused(override.status());
    if (const auto& own = *override; own.has_value()) Override(*own);
    station().Enter(*this, request);
  }

  // Once; nothing of this may be touched afterwards.
  void End(absl::Status status) {
    if (status.code() == absl::StatusCode::kCancelled) {
      status = WhyCancelled(context_, station().clock());
    }
    station().Leave(*this, status.code());
    AddPhases(context_, phases());
    this->Finish(ToGrpc(status));
  }
  void EndBroken() { End(absl::CancelledError("cancelled")); }
  [[nodiscard]] bool IsCancelled() const { return context_.IsCancelled(); }

 private:
  Target& target_;
  grpc::CallbackServerContext& context_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CALL_H_
