// Threads for what takes a script long: on the delay queue's it would make the
// delays of all others late, on one of gRPC's hold up what that has to read.
//
//   CO_RETURN_IF_ERROR(co_await elsewhere.Go(stay.scope()));
//   …  // On one of those threads, up to the next wait.
#ifndef PERFRIG_SERVER_TARGETS_SCRIPT_ELSEWHERE_H_
#define PERFRIG_SERVER_TARGETS_SCRIPT_ELSEWHERE_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/sync/workers.h"
#include "server/targets/script/scope.h"

namespace perfrig::targets {

// What can be made, copied or serialized in about the time that it takes to
// change threads.
inline constexpr std::size_t kLightBytes = 64U << 10;

// Thread-safe. Scripts go on in the order in which they came.
class Elsewhere {
  class Going;

 public:
  Elsewhere();

  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

  // Awaited at once. OK: the script, whose scope this is, goes on on one of the
  // threads, at once where it runs on one already. RESOURCE_EXHAUSTED: too many
  // wait; who was cancelled does not.
  Going Go(Scope& scope);
  // The same for what is no script.
  absl::Status Post(std::function<void()> task);

  // Waits for what runs, drops what waits, refuses whatever comes later.
  void Join() { workers_.Stop(); }

 private:
  // An error: it does not wait.
  absl::Status Add(Going& going);
  void RunNext();

  Mutex mutex_;
  std::list<Going*> waiting_ PERFRIG_GUARDED_BY(mutex_);
  // Tasks that each are to run one that waits.
  std::size_t tasks_ PERFRIG_GUARDED_BY(mutex_) = 0;

  // Last, since it runs what uses the others.
  Workers workers_;
};

class Elsewhere::Going final : public Wait {
 public:
  [[nodiscard]] bool await_ready() const noexcept;
  [[gnu::noinline]] bool await_suspend(std::coroutine_handle<> script);

 private:
  friend class Elsewhere;

  enum class State : std::uint8_t { kNew, kWaiting, kOver };

  Going(Elsewhere& elsewhere, Scope& scope)
      : Wait(scope), elsewhere_(elsewhere) {}

  // Not before the script is suspended: where a wait is over by then, it goes
  // on where it is.
  void Begin() override {}
  bool Cancel() override;

  Elsewhere& elsewhere_;
  // Guarded by the mutex of `elsewhere_`.
  State state_ = State::kNew;
  // While it waits.
  std::list<Going*>::iterator place_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SCRIPT_ELSEWHERE_H_
