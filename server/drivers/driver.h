// How one call is made. A lane owns one driver and is the only thread that
// touches it; the driver owns the connections.
//
//   driver.Start(slot, request);        // queues; never blocks
//   driver.Poll(next_planned);          // writes, waits for bytes, reports
#ifndef PERFRIG_SERVER_DRIVERS_DRIVER_H_
#define PERFRIG_SERVER_DRIVERS_DRIVER_H_

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"

namespace perfrig::drivers {

// Names a call in flight; small numbers, chosen by the lane and reused.
using Slot = std::uint32_t;

struct Header {
  std::string name;
  // Raw bytes, also for names that end in "-bin".
  std::string value;
};

// What to send. Stays valid and unchanged until the call is done.
struct Request {
  // "/pkg.Service/Method", or the name of a local function.
  std::string path;
  // Encoded messages in order, each at most 4 GiB; exactly one for unary.
  std::vector<std::string> messages;
  std::vector<Header> metadata;
  // From Start; the call then ends as DEADLINE_EXCEEDED. kNever: none.
  Nanos timeout = kNever;
  // Calls of the same affinity take the same connection.
  std::uint32_t affinity = 0;
  // Whether Observer::OnMessage wants the bytes, or only the times.
  bool wants_messages = false;
  // Whether the method answers with one message (unary, client streaming):
  // an OK with another number of messages then ends as INTERNAL.
  bool single_response = false;
  // Whether messages go out as gzip.
  bool gzip = false;
  // The client takes this long over each message that it reads, and the next
  // one, with its room in the stream's window, waits until then. The call is
  // done when all have been read.
  Nanos read_delay = 0;
  // From the time before which a message does not go out to that of the next;
  // of the first it is the time of Start.
  Nanos message_interval = 0;
  // The first message waits for Driver::SendMessages, the end of the request
  // for Driver::HalfClose.
  bool session = false;
  // Attempts of the same call that came before; the server is told.
  std::uint32_t previous_attempts = 0;
};

// How a call ended. Views are valid during OnDone only.
struct Outcome {
  // When its request was handed to a connection; 0 if it never was.
  Nanos sent = 0;
  // First response message; 0 if none came.
  Nanos first = 0;
  Nanos done = 0;
  // Of the time before `sent`, what was spent waiting for the peer's stream
  // limit or for a connection.
  Nanos stream_wait = 0;
  // gRPC status code, and its message.
  int status = 0;
  std::string_view message;
  // Trailing metadata other than grpc-status and grpc-message.
  const std::vector<Header>* trailers = nullptr;
  // Leading metadata that is the service's own; null where a driver has none.
  const std::vector<Header>* headers = nullptr;
  std::uint32_t messages_sent = 0;
  std::uint32_t messages_received = 0;
  // Payload with framing, without HTTP/2's own.
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

// Called from within Poll only, never from what the lane calls. It may call
// everything of the driver but Poll.
class Observer {
 public:
  virtual ~Observer() = default;
  // A response message of a call; `message` is empty unless asked for.
  virtual void OnMessage(Slot slot, std::string_view message, Nanos at) = 0;
  // The answer to a session has begun.
  virtual void OnOpen(Slot /*slot*/) {}
  // Exactly once for each started call.
  virtual void OnDone(Slot slot, const Outcome& outcome) = 0;
};

struct Connections {
  std::uint32_t made = 0;
  std::uint64_t reconnects = 0;
  // Of each connection, first or later.
  std::vector<Nanos> connect_times;
};

class Driver {
 public:
  virtual ~Driver() = default;

  // Makes all connections; UNAVAILABLE naming address and reason if one
  // cannot be made until `deadline`, CANCELLED soon after `stop` is requested.
  virtual absl::Status Connect(Nanos deadline, const std::stop_token& stop) = 0;
  virtual void Start(Slot slot, const Request& request) = 0;
  // The first message of a session goes out at `at`. A driver that has no
  // sessions does nothing.
  virtual void SendMessages(Slot /*slot*/, Nanos /*at*/) {}
  // A session has no more to say than its messages.
  virtual void HalfClose(Slot /*slot*/) {}
  // The call ends as CANCELLED in a later Poll, unless it ended before.
  virtual void Cancel(Slot slot) = 0;
  // Writes what is queued, waits for bytes until `until` at the latest, and
  // reports what came. Ends overdue calls.
  virtual void Poll(Nanos until) = 0;
  virtual Connections TakeConnections() = 0;
};

// A slow network between this side and the peer, as its client sees it.
struct Network {
  // Of a round trip, half on each way.
  Nanos latency = 0;
  // Of a connection, each way; 0: no limit.
  double bytes_per_second = 0;

  [[nodiscard]] bool slow() const {
    return latency > 0 || bytes_per_second > 0;
  }
};

// The connections of a driver.
struct ConnectionPlan {
  // At least 1.
  std::uint32_t count = 1;
  Network network = {};
};

// Makes one driver for each lane.
class DriverFactory {
 public:
  virtual ~DriverFactory() = default;
  // `observer` outlives the driver.
  virtual absl::StatusOr<std::unique_ptr<Driver>> Create(
      const ConnectionPlan& plan, Observer& observer) = 0;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_DRIVER_H_
