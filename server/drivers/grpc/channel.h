// A place that calls go to: keeps one connection there, and replaces it when
// the peer sends it away or it breaks.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_CHANNEL_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "common/time/timer_heap.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/address.h"
#include "server/drivers/grpc/connection.h"
#include "server/drivers/grpc/event_loop.h"
#include "server/drivers/grpc/options.h"

namespace perfrig::drivers {

class Channel {
 public:
  // What the channels of a driver share.
  struct Shared {
    EventLoop& loop;
    CallSink& sink;
    const GrpcDriverOptions& options;
    const Network& network;
    // Counts what is made here.
    Connections& connections;
    // Channels whose Flush is due.
    std::vector<Channel*>& dirty;
    // Connections that are gone, while events may still name them.
    std::vector<std::unique_ptr<Connection>>& graveyard;
  };
  struct Place {
    Address address;
    std::vector<Endpoint> endpoints;
  };

  // Begins to connect to `place`, endpoint number `first` first, then the
  // others; together they may take until `deadline`. The references outlive
  // this.
  Channel(const Shared& shared, const Place& place, std::size_t first,
          Nanos deadline);
  // With no timers left behind.
  ~Channel();

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Whether it was connected once.
  [[nodiscard]] bool connected() const { return connected_; }
  // Whether it still tries endpoints.
  [[nodiscard]] bool connecting() const { return connecting_; }
  // Why the endpoint that was tried last could not be reached, as "address:
  // reason".
  [[nodiscard]] const std::string& failure() const { return failure_; }

  // A new call, to wait behind the others.
  void Add(Call& call);
  // One that a connection gave back, to wait before the others.
  void Return(Call& call);
  // More of an open call's request may be sent than before.
  void SendOn(Call& call);
  // The client of an open call is through with a message.
  void ReadOn(Call& call, Nanos now);
  // Forgets a call that waits or is open.
  void Remove(Call& call);

  // Hands waiting calls to the connection and writes.
  void Flush();
  // epoll's events of one of its connections.
  void OnEvents(Connection& connection, std::uint32_t events);

 private:
  void MarkDirty();
  void SubmitWaiting(Nanos now);
  void Submit(Call& call, Nanos now);
  // Looks what became of the connections.
  void Update();
  void OnReady();
  // Begins a round over all endpoints, or does so a little later.
  void Reconnect();
  void ReconnectLater();
  // The next endpoints of the round, until one may work.
  void TryEndpoints();
  void OnRoundFailed();
  void OnTimer();
  void SetTimer(Nanos due);
  void ClearTimer();
  void Bury(std::unique_ptr<Connection>& connection);

  Shared shared_;
  const Place& place_;
  std::size_t next_endpoint_;
  std::size_t endpoints_left_ = 0;
  // For each endpoint.
  Nanos attempt_timeout_;
  Nanos backoff_ = 0;
  TimerHeap::Handle timer_ = 0;

  bool dirty_ = false;
  bool connected_ = false;
  // Whether current_ has yet to become ready.
  bool connecting_ = false;
  std::string failure_;
  // Null between two attempts.
  std::unique_ptr<Connection> current_;
  std::vector<std::unique_ptr<Connection>> draining_;
  CallList waiting_;
  // Counts the flushes.
  std::uint64_t turn_ = 0;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_CHANNEL_H_
