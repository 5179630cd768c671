// One connection to one endpoint: a socket and the HTTP/2 session over it.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_CONNECTION_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/time/clock.h"
#include "server/drivers/grpc/address.h"
#include "server/drivers/grpc/event_loop.h"
#include "server/drivers/grpc/session.h"
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

  // Begins to connect to `endpoint` of `address`. All but `endpoint` outlive
  // this.
  Connection(EventLoop& loop, Channel& owner, CallSink& sink,
             const Address& address, const Endpoint& endpoint,
             const GrpcDriverOptions& options);

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
  // Writes from `bytes`; keeps what the socket does not take. False if
  // something was kept or the connection was lost.
  bool Write(std::string_view bytes);
  void WatchWritable(bool on);

  EventLoop& loop_;
  Channel& owner_;
  const Address& address_;
  Session session_;
  // Null once it is lost.
  std::unique_ptr<Transport> transport_;
  bool connected_ = false;
  bool watches_writable_ = true;
  Nanos began_;
  Nanos connect_time_ = 0;
  std::string unsent_;
  std::string reason_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_CONNECTION_H_
