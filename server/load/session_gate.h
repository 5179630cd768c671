// Lets all sessions of a round begin to talk at one moment, once all of them
// are open. Lanes tell it and ask it as they go; none ever waits.
#ifndef PERFRIG_SERVER_LOAD_SESSION_GATE_H_
#define PERFRIG_SERVER_LOAD_SESSION_GATE_H_

#include <atomic>
#include <cstdint>

#include "common/time/clock.h"

namespace perfrig::load {

class SessionGate {
 public:
  // From the last session's opening to the beginning, so that every lane knows
  // of it by then.
  static constexpr Nanos kHeadStart = 100 * kMillisecond;

  explicit SessionGate(std::uint32_t sessions) : missing_(sessions) {}

  // Lane: one more of its sessions is open, or has ended before it was.
  void Open(Nanos now) {
    if (missing_.fetch_sub(1) == 1) begin_.store(now + kHeadStart);
  }
  // On the clock; kNever until it is known.
  [[nodiscard]] Nanos begin() const { return begin_.load(); }

 private:
  std::atomic<std::uint32_t> missing_;
  std::atomic<Nanos> begin_ = kNever;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_SESSION_GATE_H_
