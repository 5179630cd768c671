// Makes gRPC calls over a few HTTP/2 connections, all on the thread that polls
// it.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_HTTP2_DRIVER_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_HTTP2_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/address.h"
#include "server/drivers/grpc/call.h"
#include "server/drivers/grpc/channel.h"
#include "server/drivers/grpc/connection.h"
#include "server/drivers/grpc/event_loop.h"
#include "server/drivers/grpc/options.h"

namespace perfrig::drivers {

class Http2Driver final : public Driver, private CallSink {
 public:
  // Which connections it makes: `count` of them, the first one of which is
  // number `first` of those that take turns over `addresses`.
  struct Plan {
    std::vector<Address> addresses;
    std::size_t first = 0;
    std::size_t count = 1;
    Network network = {};
  };

  // `clock` and `observer` outlive it.
  Http2Driver(const Clock& clock, Plan plan, GrpcDriverOptions options,
              Observer& observer);

  absl::Status Connect(Nanos deadline, const std::stop_token& stop) override;
  void Start(Slot slot, const Request& request) override;
  void SendMessages(Slot slot, Nanos at) override;
  void HalfClose(Slot slot) override;
  void Cancel(Slot slot) override;
  void Poll(Nanos until) override;
  Connections TakeConnections() override;

 private:
  void OnMessage(Call& call, std::string_view message, Nanos at) override;
  void OnOpen(Call& call) override { observer_.OnOpen(call.slot); }
  void OnPaused(Call& call, Nanos due) override;
  void OnReading(Call& call) override;
  void OnFinished(Call& call, Nanos at) override;
  void OnReturned(Call& call, Nanos at) override;

  absl::Status ResolvePlaces(Nanos deadline, const std::stop_token& stop);
  // Whether all channels are connected; not OK if one cannot be.
  absl::StatusOr<bool> AllConnected() const;
  void FlushDirty();
  void HandleEvents(Nanos until);
  void ApplyCancels();
  // The client of a call is through with a message.
  void ReadOn(Call& call);
  void SetDeadline(Call& call);
  void Expire(Call& call);
  // Ends a call that waits or is open.
  void End(Call& call, absl::StatusCode code, std::string_view message);
  void Report();
  void ReportOne(Call& call);

  const Plan plan_;
  const GrpcDriverOptions options_;
  Observer& observer_;
  EventLoop loop_;
  Connections connections_;
  std::vector<Channel*> dirty_;
  std::vector<Channel*> flushing_;
  std::vector<std::unique_ptr<Connection>> graveyard_;
  std::vector<Channel::Place> places_;
  std::vector<std::unique_ptr<Channel>> channels_;
  // By slot; they never move.
  std::deque<Call> calls_;
  std::vector<Call*> cancelled_;
  std::vector<Call*> finished_;
  std::vector<Call*> reporting_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_HTTP2_DRIVER_H_
