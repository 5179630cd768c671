#include "server/drivers/grpc/event_loop.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace perfrig::drivers {
namespace {

constexpr std::size_t kReadBytes = std::size_t{128} << 10;
constexpr std::size_t kWriteBytes = std::size_t{128} << 10;

}  // namespace

EventLoop::EventLoop(const Clock& clock)
    : clock_(clock),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      read_buffer_(kReadBytes) {
  write_buffer_.reserve(kWriteBytes);
}

EventLoop::~EventLoop() { close(epoll_); }

void EventLoop::Watch(int fd, std::uint32_t events, void* owner) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = owner;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::Change(int fd, std::uint32_t events, void* owner) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = owner;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

std::span<const epoll_event> EventLoop::Wait(Nanos until) {
  timespec timeout{};
  if (until != kNever && until > 0) {
    const Nanos left = std::max<Nanos>(0, until - Now());
    timeout.tv_sec = left / kSecond;
    timeout.tv_nsec = left % kSecond;
  }
  const int count =
      epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()),
                   until == kNever ? nullptr : &timeout, nullptr);
  return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

void EventLoop::RunTimers() {
  if (timers_.empty()) return;
  const Nanos now = Now();
  while (!timers_.empty() && timers_.NextDue() <= now) timers_.PopFirst()();
}

}  // namespace perfrig::drivers
