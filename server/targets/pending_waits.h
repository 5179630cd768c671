// Scripts that wait for answers of the cache library's, which come later.
//
//   PendingWaits waits;
//   absl::StatusOr<Found> found;
//   CO_RETURN_IF_ERROR(co_await waits.For(
//       stay.scope(),
//       [&](const auto& pending) { cache.Get(key, pending); }, found));
#ifndef PERFRIG_SERVER_TARGETS_PENDING_WAITS_H_
#define PERFRIG_SERVER_TARGETS_PENDING_WAITS_H_

#include <cstdint>
#include <functional>
#include <list>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "server/cache/pending.h"
#include "server/targets/script/scope.h"

namespace perfrig::targets {

// The waits of one target. Thread-safe.
class PendingWaits {
  class Listed;
  template <class T>
  class Waiting;

 public:
  template <class T>
  using Ask = std::function<void(const cache::PendingPtr<T>& pending)>;

  // Awaited at once; `answer` outlives it. `ask` is run with what is to be
  // answered. OK: `answer` has it. Otherwise nobody waits for it any more.
  template <class T>
  Waiting<T> For(Scope& scope, std::type_identity_t<Ask<T>> ask, T& answer) {
    return {*this, scope, std::move(ask), answer};
  }

  // Ends all waits with `status`; also each later one if `and_later`.
  void End(const absl::Status& status, bool and_later);

 private:
  // OK: it may ask. Otherwise all have ended, or this one has.
  absl::Status Add(Listed& wait);
  void Remove(Listed& wait);

  Mutex mutex_;
  std::list<Listed*> listed_ PERFRIG_GUARDED_BY(mutex_);
  // What later waits end with; OK: they don't.
  absl::Status ended_ PERFRIG_GUARDED_BY(mutex_);
};

class PendingWaits::Listed : public Wait {
 protected:
  Listed(PendingWaits& waits, Scope& scope) : Wait(scope), waits_(waits) {}
  ~Listed() = default;

  virtual void Start() = 0;
  // As the pending's.
  virtual bool Withdraw() = 0;

  void Answered() {
    waits_.Remove(*this);
    Complete(absl::OkStatus());
  }

 private:
  friend class PendingWaits;

  enum class State : std::uint8_t { kNew, kListed, kOver };

  void Begin() override;
  bool Cancel() override;

  PendingWaits& waits_;
  // Guarded by the mutex of `waits_`.
  State state_ = State::kNew;
  std::list<Listed*>::iterator place_;
};

template <class T>
class PendingWaits::Waiting final : public Listed {
 private:
  friend class PendingWaits;

  Waiting(PendingWaits& waits, Scope& scope, Ask<T> ask, T& answer)
      : Listed(waits, scope),
        ask_(std::move(ask)),
        pending_(cache::MakePending<T>([this, &answer](T given) {
          answer = std::move(given);
          Answered();
        })) {}

  void Start() override { ask_(pending_); }
  bool Withdraw() override { return pending_->Withdraw(); }

  const Ask<T> ask_;
  const cache::PendingPtr<T> pending_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_PENDING_WAITS_H_
