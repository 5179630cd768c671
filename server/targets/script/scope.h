// Cancelling a script, whatever it waits for.
#ifndef PERFRIG_SERVER_TARGETS_SCRIPT_SCOPE_H_
#define PERFRIG_SERVER_TARGETS_SCRIPT_SCOPE_H_

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "common/sync/mutex.h"

namespace perfrig::targets {

class Wait;

// One script's, or that of a part of it: the script waits for one thing at a
// time. Thread-safe.
class Scope {
 public:
  Scope() = default;
  // Of a part: cancelled with `whole`, which outlives this and has one part at
  // a time.
  explicit Scope(Scope* whole);
  ~Scope();

  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  // Ends the wait, and each later one, with CANCELLED.
  void Cancel();
  // The same with `why`, where it is not cancelled yet, but for what the script
  // does then: if there is a result, Wait::Resume has to follow.
  [[nodiscard]] Wait* TakeOut(const absl::Status& why);
  [[nodiscard]] bool cancelled() const;

 private:
  friend class Wait;

  // Why it must not wait; OK: it waits.
  absl::Status Begin(Wait& wait);
  // What the wait ends with whose own end is `status`.
  absl::Status End(absl::Status status);

  Scope* const whole_ = nullptr;

  // That of a part is locked in that of its whole.
  mutable Mutex mutex_;
  Scope* part_ PERFRIG_GUARDED_BY(mutex_) = nullptr;
  Wait* current_ PERFRIG_GUARDED_BY(mutex_) = nullptr;
  // OK: it is not cancelled.
  absl::Status why_ PERFRIG_GUARDED_BY(mutex_);
};

// What a script awaits; its value is OK or why not. Awaited once, and alive
// until then.
class Wait {
 public:
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  // Not inlined: the script may go on, on another thread, before this returns.
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> script);
  absl::Status await_resume() { return std::move(status_); }

  // Lets the script go on; by whom Scope::TakeOut gave this to.
  void Resume();

 protected:
  explicit Wait(Scope& scope) : scope_(scope) {}
  ~Wait() = default;

  // Leads to one Complete, at once or later, on any thread; nothing of this may
  // be touched after it.
  virtual void Begin() = 0;
  // True: it will not complete. May come before Begin, which then completes at
  // once. Under the scope's lock: must not complete.
  virtual bool Cancel() = 0;

  // Without any lock that Cancel takes.
  void Complete(absl::Status status);

 private:
  friend class Scope;

  enum State : std::uint8_t { kBegun, kSuspended, kComplete };

  Scope& scope_;
  std::coroutine_handle<> script_;
  absl::Status status_;
  std::atomic<State> state_ = kBegun;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SCRIPT_SCOPE_H_
