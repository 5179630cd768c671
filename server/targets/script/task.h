// A coroutine that another one awaits, or that runs on its own.
//
//   Task<absl::Status> Answer(Stay& stay) {
//     CO_RETURN_IF_ERROR(co_await stay.Enter({.work_times = 1}));
//     co_return absl::OkStatus();
//   }
//   Launch(Answer(stay), [](absl::Status status) { … });
//
// Arguments that are references must outlive the task; a lambda with captures
// must not be a coroutine, since its captures die with it.
#ifndef PERFRIG_SERVER_TARGETS_SCRIPT_TASK_H_
#define PERFRIG_SERVER_TARGETS_SCRIPT_TASK_H_

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/status/macros.h"

namespace perfrig::targets {

// Begins when it is awaited, once.
template <class T>
class [[nodiscard]] Task {
 public:
  class promise_type {
   public:
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept { return BackToAwaiting(); }
    void return_value(T value) { value_.emplace(std::move(value)); }
    // Nothing here throws what could be handled.
    void unhandled_exception() { std::terminate(); }

   private:
    friend class Task;
    std::coroutine_handle<> awaiting_;
    std::optional<T> value_;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(
      std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting_ = awaiting;
    return handle_;
  }
  T await_resume() { return std::move(*handle_.promise().value_); }

 private:
  using Handle = std::coroutine_handle<promise_type>;

  struct BackToAwaiting {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Handle ended) noexcept {
      return ended.promise().awaiting_;
    }
    void await_resume() noexcept {}
  };

  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_;
};

// Owns itself: gone when its body has ended.
struct Launched {
  struct promise_type {
    Launched get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// Runs `task` from here to its first wait, and on from wherever that ends;
// `done` takes its value last of all, and may end the life of what the task
// refers to.
template <class T, class Done>
Launched Launch(Task<T> task, Done done) {
  done(co_await std::move(task));
}

}  // namespace perfrig::targets

// RETURN_IF_ERROR and ASSIGN_OR_RETURN in a coroutine.
#define CO_RETURN_IF_ERROR(...)                         \
  do {                                                  \
    absl::Status perfrig_status = (__VA_ARGS__);        \
    if (!perfrig_status.ok()) co_return perfrig_status; \
  } while (false)

#define CO_ASSIGN_OR_RETURN(declaration, ...)                        \
  PERFRIG_CO_ASSIGN_OR_RETURN(PERFRIG_CONCAT(perfrig_or_, __LINE__), \
                              declaration, __VA_ARGS__)
#define PERFRIG_CO_ASSIGN_OR_RETURN(result, declaration, ...) \
  auto result = (__VA_ARGS__);                                \
  if (!result.ok()) co_return std::move(result).status();     \
  declaration = *std::move(result)

#endif  // PERFRIG_SERVER_TARGETS_SCRIPT_TASK_H_
