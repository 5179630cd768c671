// Wakes a thread that polls.
#ifndef PERFRIG_SERVER_BACKENDS_WAKE_EVENT_H_
#define PERFRIG_SERVER_BACKENDS_WAKE_EVENT_H_

namespace perfrig::backends {

class WakeEvent {
 public:
  WakeEvent();
  ~WakeEvent();

  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  // Readable from Set to Clear.
  [[nodiscard]] int fd() const { return fd_; }
  // From any thread.
  void Set();
  void Clear();

 private:
  int fd_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_WAKE_EVENT_H_
