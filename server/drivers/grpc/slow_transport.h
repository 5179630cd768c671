// A transport behind a slow network: bytes wait for their time on the way to
// the socket, and on the way from it.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_SLOW_TRANSPORT_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_SLOW_TRANSPORT_H_

#include <span>
#include <string_view>

#include "common/time/clock.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/slow_link.h"
#include "server/drivers/grpc/transport.h"

namespace perfrig::drivers {

class SlowTransport {
 public:
  // A connection that began at `now` over `network`: its first bytes leave a
  // round trip later, as after a handshake. `transport` outlives this.
  SlowTransport(const Transport& transport, const Network& network, Nanos now);

  // As those of Transport. Write takes all or nothing.
  IoResult Read(std::span<char> into, Nanos now);
  IoResult Write(std::string_view bytes, Nanos now);
  // Hands what has come through to the socket. No bytes and no error, while
  // something has come through: the socket would block.
  IoResult Send(Nanos now);

  // Whether it would read from the socket; if not, it can say when it would.
  [[nodiscard]] bool WantsRead(Nanos now) const {
    return !ended_ && in_.HasRoom(now);
  }
  // Whether the socket keeps it from sending.
  [[nodiscard]] bool blocked() const { return blocked_; }
  // When to send and read again, and to write where that is wanted, whatever
  // the socket says; kNever: not before something happens.
  [[nodiscard]] Nanos NextDue(Nanos now, bool wants_write) const;

 private:
  const Transport& transport_;
  SlowLink out_;
  SlowLink in_;
  bool blocked_ = false;
  // How the socket ended, to be told once all that came before has been read.
  IoResult end_;
  bool ended_ = false;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_SLOW_TRANSPORT_H_
