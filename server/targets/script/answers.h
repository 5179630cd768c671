// What a script waits for that comes by a callback, on any thread.
//
//   Answers::Ask<ObjectInfo> ask = [&](auto callback) {
//     auto call = s3.Head(key, std::move(callback));
//     return [call] { call->Cancel(); };
//   };
//   CO_ASSIGN_OR_RETURN(const ObjectInfo info,
//                       co_await answers.Await(stay.scope(), std::move(ask)));
#ifndef PERFRIG_SERVER_TARGETS_SCRIPT_ANSWERS_H_
#define PERFRIG_SERVER_TARGETS_SCRIPT_ANSWERS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "server/targets/script/scope.h"

namespace perfrig::targets {

// Thread-safe. Outlives the callbacks, which may come after nobody waits for
// them any more.
class Answers {
  class Waiting;
  template <class T>
  class Awaiting;

 public:
  // To be run once, at once or later.
  template <class T>
  using Callback = std::function<void(absl::StatusOr<T>)>;
  // Tells whoever was asked that the answer is no longer wanted; may be null.
  // Runs under a lock: must not wait, nor run the callback.
  using Withdraw = std::function<void()>;
  template <class T>
  using Ask = std::function<Withdraw(Callback<T>)>;

  Answers() = default;

  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  // Awaited at once; gives the answer, or why the wait has ended. `scope` is
  // the script's.
  template <class T>
  Awaiting<T> Await(Scope& scope, Ask<T> ask) {
    return Awaiting<T>(*this, scope, std::move(ask));
  }

 private:
  // Shared with the callback; null: nobody waits. Guarded by the mutex.
  struct Slot {
    Waiting* waiting = nullptr;
  };

  // False: it is cancelled already.
  bool Begin(Waiting& waiting);
  void KeepWithdraw(Waiting& waiting, Withdraw withdraw);
  bool Cancel(Waiting& waiting);
  // Who waits, and does no longer; null: nobody.
  Waiting* Take(Slot& slot);
  // What it was asked with, to be run or dropped without the lock.
  Withdraw Remove(Waiting& waiting) PERFRIG_REQUIRES(mutex_);

  Mutex mutex_;
};

class Answers::Waiting : public Wait {
 protected:
  Waiting(Answers& answers, Scope& scope) : Wait(scope), answers_(answers) {}
  ~Waiting() = default;

  virtual Withdraw Start() = 0;
  [[nodiscard]] const std::shared_ptr<Slot>& slot() const { return slot_; }
  static Waiting* Take(Answers& answers, Slot& slot) {
    return answers.Take(slot);
  }

 private:
  friend class Answers;

  enum class State : std::uint8_t {
    kNew,
    kAsked,
    kAnswered,
    // Cancelled: the answer is not wanted.
    kUnwanted,
  };

  void Begin() final;
  bool Cancel() final { return answers_.Cancel(*this); }

  Answers& answers_;
  const std::shared_ptr<Slot> slot_ = std::make_shared<Slot>();

  // Guarded by the mutex of `answers_`.
  State state_ = State::kNew;
  Withdraw withdraw_;
};

template <class T>
class Answers::Awaiting final : public Waiting {
 public:
  absl::StatusOr<T> await_resume() {
    absl::Status status = Wait::await_resume();
    if (!status.ok()) return status;
    return *std::move(answer_);
  }

 private:
  friend class Answers;

  Awaiting(Answers& answers, Scope& scope, Ask<T> ask)
      : Waiting(answers, scope), answers_(answers), ask_(std::move(ask)) {}

  Withdraw Start() override {
    return ask_([&answers = answers_,
                 slot = this->slot()](absl::StatusOr<T> answer) {
      auto* const self = static_cast<Awaiting*>(Waiting::Take(answers, *slot));
      if (self == nullptr) return;
      self->answer_ = std::move(answer);
      self->Complete(absl::OkStatus());
    });
  }

  Answers& answers_;
  const Ask<T> ask_;
  std::optional<absl::StatusOr<T>> answer_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SCRIPT_ANSWERS_H_
