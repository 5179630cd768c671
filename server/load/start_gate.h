// Lets all lanes of a round start at one moment, once each has its
// connections.
#ifndef PERFRIG_SERVER_LOAD_START_GATE_H_
#define PERFRIG_SERVER_LOAD_START_GATE_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"

namespace perfrig::load {

class StartGate {
 public:
  explicit StartGate(std::uint32_t lanes) : missing_(lanes) {}

  // Lane: has connected, or not. Waits for the others and gives the time of
  // the start; nullopt if there is none.
  std::optional<Nanos> Arrive(const absl::Status& status) {
    MutexLock lock(mutex_);
    if (!status.ok() && status_.ok()) status_ = status;
    --missing_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(mutex_);
    return start_;
  }

  // Waits for all lanes; the first error, if any.
  absl::Status AwaitLanes() {
    MutexLock lock(mutex_);
    while (missing_ > 0) changed_.Wait(mutex_);
    return status_;
  }

  // Lets all lanes go on; nullopt: without a start.
  void Open(std::optional<Nanos> start) {
    MutexLock lock(mutex_);
    start_ = start;
    open_ = true;
    changed_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::uint32_t missing_ PERFRIG_GUARDED_BY(mutex_);
  absl::Status status_ PERFRIG_GUARDED_BY(mutex_);
  std::optional<Nanos> start_ PERFRIG_GUARDED_BY(mutex_);
  bool open_ PERFRIG_GUARDED_BY(mutex_) = false;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_START_GATE_H_
