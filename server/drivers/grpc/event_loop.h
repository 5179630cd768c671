// What the connections of one driver share: the wait for their sockets, the
// timers, and the buffers that bytes pass through.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_EVENT_LOOP_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_EVENT_LOOP_H_

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "common/time/timer_heap.h"

namespace perfrig::drivers {

class EventLoop {
 public:
  // `clock` reads the monotonic clock and outlives this.
  explicit EventLoop(const Clock& clock);
  ~EventLoop();

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] Nanos Now() const { return clock_.Now(); }
  TimerHeap& timers() { return timers_; }

  // `events` as for epoll; the socket is forgotten when it is closed.
  void Watch(int fd, std::uint32_t events, void* owner);
  void Change(int fd, std::uint32_t events, void* owner);
  // Waits for events until `until`, or not at all if that has passed. The
  // result is valid until the next Wait.
  std::span<const epoll_event> Wait(Nanos until);
  // Runs the timers that are due.
  void RunTimers();

  // For bytes on their way in, and out; no one keeps them.
  std::span<char> read_buffer() { return read_buffer_; }
  std::string& write_buffer() { return write_buffer_; }

 private:
  const Clock& clock_;
  const int epoll_;
  TimerHeap timers_;
  std::array<epoll_event, 128> events_{};
  std::vector<char> read_buffer_;
  std::string write_buffer_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_EVENT_LOOP_H_
