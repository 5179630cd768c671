// One connection to one endpoint: a socket and the HTTP/2 session over it.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_CONNECTION_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/time/clock.h"
#include "common/time/timer_heap.h"
#include "server/drivers/grpc/address.h"
#include "server/drivers/grpc/event_loop.h"
#include "server/drivers/grpc/session.h"
#include "server/drivers/grpc/slow_transport.h"
#include "server/drivers/grpc/transport.h"

namespace perfrig::drivers {

class Channel;

class Connection {
 public:
  enum class State {
    // The socket is not connected yet, or the peer's SETTINGS are not here.
    kConnecting,
    kReady,
    // It takes no new calls; those that are open go on.
    kDraining,
    // All of its calls have ended; reason() says why.
    kLost,
  };

  // Begins to connect to `endpoint` of `address`. All but `endpoint` and
  // `network` outlive this.
  Connection(EventLoop& loop, Channel& owner, CallSink& sink,
             const Address& address, const Endpoint& endpoint,
             const GrpcDriverOptions& options, const Network& network);
  // With no timer left behind.
  ~Connection();

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Channel& owner() { return owner_; }
  [[nodiscard]] State state() const;
  [[nodiscard]] const std::string& reason() const { return reason_; }
  // From the beginning to the peer's SETTINGS; 0 before.
  [[nodiscard]] Nanos connect_time() const { return connect_time_; }
  [[nodiscard]] bool busy() const { return session_.busy(); }
  [[nodiscard]] bool proven() const { return session_.proven(); }

  // Reads, writes and connects as epoll says it can.
  void OnEvents(std::uint32_t events);
  // Whether a call may be submitted now.
  [[nodiscard]] bool HasRoom() const {
    return unsent_.empty() && transport_ != nullptr && session_.HasRoom();
  }
  // To be followed by Flush.
  void Submit(Call& call, Nanos now) { session_.Submit(call, now); }
  void Cancel(Call& call) { session_.Cancel(call); }
  // Writes what there is, as far as the socket takes it.
  void Flush(Nanos now);
  [[nodiscard]] bool WantsFlush() const {
    return transport_ != nullptr && session_.WantsWrite();
  }
  // Closes it and ends its calls as UNAVAILABLE "address: reason".
  void Lose(std::string_view reason);
  // As Lose, where its time to become ready is over.
  void LoseLate();

 private:
  void FinishConnecting();
  void Read();
  void WriteAll(Nanos now);
  // Writes from `bytes`; keeps what the socket does not take. False if
  // something was kept or the connection was lost.
  bool Write(std::string_view bytes);
  void Watch(std::uint32_t events);
  // Over a slow network: hands on what has come through, and sees to it that
  // the rest follows in time.
  void Forward();
  void ClearTimer();

  EventLoop& loop_;
  Channel& owner_;
  const Address& address_;
  Session session_;
  // Null once it is lost.
  std::unique_ptr<Transport> transport_;
  // Null where the network is not slow, and once it is lost.
  std::unique_ptr<SlowTransport> slow_;
  TimerHeap::Handle forward_ = 0;
  Nanos forward_due_ = 0;
  bool connected_ = false;
  // epoll's events that are waited for.
  std::uint32_t watched_ = 0;
  Nanos began_;
  Nanos connect_time_ = 0;
  std::string unsent_;
  std::string reason_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_CONNECTION_H_
