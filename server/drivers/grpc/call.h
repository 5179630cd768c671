// One call of the gRPC driver, from Start to OnDone. Slots keep theirs: what a
// call allocated serves the next one.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_CALL_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_CALL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "common/time/timer_heap.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/request_body.h"
#include "server/drivers/grpc/response.h"
#include "server/drivers/grpc/slow_reader.h"

namespace perfrig::drivers {

class Channel;
class Session;

struct Call {
  enum class State {
    kIdle,
    // In its channel's list, for a connection or a free stream.
    kWaiting,
    // In its session's list.
    kOpen,
    // Its stream is closed; its client still reads. In no list.
    kReading,
    // Ended, and not reported yet.
    kFinished,
  };

  Slot slot = 0;
  State state = State::kIdle;
  bool cancelled = false;
  const Request* request = nullptr;
  // Of the current or last call; null before the first.
  Channel* channel = nullptr;
  // While it is open.
  Session* session = nullptr;
  std::int32_t stream = 0;

  Nanos started = 0;
  Nanos sent = 0;
  Nanos first = 0;
  Nanos done = 0;
  Nanos stream_wait = 0;
  // The channel's turn in which it began to wait.
  std::uint64_t turn = 0;
  // How often a connection gave it back unprocessed.
  int moves = 0;
  // 0: no deadline.
  TimerHeap::Handle deadline = 0;
  // Of the first message; see Request::session.
  Nanos first_message = 0;
  bool half_closed = false;
  // Until its next message goes out; 0: none waits for its time.
  TimerHeap::Handle send_on = 0;
  // Until its client reads on; 0: it need not be told.
  TimerHeap::Handle read_on = 0;
  std::uint64_t bytes_received = 0;

  RequestBody body;
  Response response;
  // Only where the request has a read delay.
  SlowReader reader;
  // Header values that are not in the request as they are sent.
  std::string timeout_header;
  std::string attempts_header;
  std::vector<std::string> binary_headers;

  // Of the list that it is in.
  Call* previous = nullptr;
  Call* next = nullptr;

  // Settles how it ended; of an answer that already ended nothing changes.
  void Fail(absl::StatusCode code, std::string_view message) {
    if (state == State::kWaiting) {
      // What is left there is of the call before.
      response.Begin(*request, 0);
      body.Clear();
    }
    response.Fail(code, message);
  }
};

// Calls in order; a call is in one list at most.
class CallList {
 public:
  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Call* first() const { return first_; }

  void PushBack(Call& call) { Insert(call, last_, nullptr); }
  void PushFront(Call& call) { Insert(call, nullptr, first_); }

  void Remove(Call& call) {
    (call.previous != nullptr ? call.previous->next : first_) = call.next;
    (call.next != nullptr ? call.next->previous : last_) = call.previous;
    call.previous = nullptr;
    call.next = nullptr;
    --size_;
  }

 private:
  void Insert(Call& call, Call* previous, Call* next) {
    call.previous = previous;
    call.next = next;
    (previous != nullptr ? previous->next : first_) = &call;
    (next != nullptr ? next->previous : last_) = &call;
    ++size_;
  }

  Call* first_ = nullptr;
  Call* last_ = nullptr;
  std::size_t size_ = 0;
};

// What becomes of the calls of a session or a channel.
class CallSink {
 public:
  virtual ~CallSink() = default;
  // A response message, whole; `message` is empty unless asked for.
  virtual void OnMessage(Call& call, std::string_view message, Nanos at) = 0;
  // The answer to a session has begun.
  virtual void OnOpen(Call& call) = 0;
  // Its next message is to go out at `due`, not earlier.
  virtual void OnPaused(Call& call, Nanos due) = 0;
  // Its stream is closed and it is in no list any more, but its client has more
  // to read.
  virtual void OnReading(Call& call) = 0;
  // It is in no list any more; its response holds its status.
  virtual void OnFinished(Call& call, Nanos at) = 0;
  // The peer will not process it and says so: it may go to another connection.
  virtual void OnReturned(Call& call, Nanos at) = 0;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_CALL_H_
