#include "server/targets/connection_pool.h"

#include <utility>

#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/fields.h"
#include "server/targets/serve.h"

namespace perfrig::targets {
namespace {

using target::v1::AcquireRequest;
using target::v1::Lease;
using target::v1::ReleaseRequest;
using target::v1::ReleaseResponse;
using target::v1::StatsRequest;
using target::v1::StatsResponse;
using target::v1::UseRequest;
using target::v1::UseResponse;

constexpr Nanos kLongest = 3'600 * kSecond;
constexpr std::size_t kLongestName = 128;
constexpr std::uint32_t kQueueLimit = 1'000;

}  // namespace

ConnectionPoolTarget::ConnectionPoolTarget(const TargetSetup& setup)
    : Target(Kind(), setup),
      connections_(setup.clock, setup.delays),
      leases_(setup.clock, setup.delays) {}

TargetKind ConnectionPoolTarget::Kind() {
  v1::Behavior behavior;
  auto& options = *behavior.mutable_connection_pool();
  options.set_connections(20);
  options.mutable_wait()->set_seconds(5);
  options.mutable_lease()->set_seconds(30);
  options.mutable_open();
  return {"connection_pool", "perfrig.target.v1.ConnectionPool",
          "A pool of 20 connections: waits up to 5 s, leases of 30 s",
          std::move(behavior)};
}

void ConnectionPoolTarget::Configure(const v1::Behavior& behavior) {
  const v1::ConnectionPoolOptions& options = behavior.connection_pool();
  wait_ = ToNanos(options.wait());
  lease_ = ToNanos(options.lease());
  open_ = ToNanos(options.open());
  connections_.SetLimits({.connections = options.connections(),
                          .waiting = behavior.has_queue_limit()
                                         ? behavior.queue_limit()
                                         : kQueueLimit});
}

template <class Request>
Task<absl::StatusOr<HeldConnection>> ConnectionPoolTarget::Take(
    Stay& stay, const Request& request) {
  CO_RETURN_IF_ERROR(CheckTime("wait", request.wait(), kLongest));
  CO_RETURN_IF_ERROR(co_await stay.Enter({.transfer_bytes = BytesOf(request)}));
  const Nanos wait = request.has_wait() ? ToNanos(request.wait()) : +wait_;
  CO_ASSIGN_OR_RETURN(HeldConnection held,
                      co_await connections_.Take(stay, wait, open_));
  CO_RETURN_IF_ERROR(co_await stay.Work(nullptr));
  co_return std::move(held);
}

Task<absl::Status> ConnectionPoolTarget::Lend(Stay& stay,
                                              const AcquireRequest& request,
                                              Lease& response) {
  CO_RETURN_IF_ERROR(CheckBytes("holder", request.holder(), 0, kLongestName));
  CO_ASSIGN_OR_RETURN(HeldConnection held, co_await Take(stay, request));
  const Nanos lease = lease_;
  response.set_connection(held.number());
  response.set_reused(held.reused());
  *response.mutable_waited() = ToDuration(held.waited());
  *response.mutable_expires_in() = ToDuration(lease);
  // Its bytes take their time, too, and only a call that ends well leaves a
  // lease.
  response.set_lease(leases_.NextOf(held.number()));
  CO_RETURN_IF_ERROR(co_await Send(*this, stay, response));
  co_return leases_.Add(response.lease(), std::move(held), request.holder(),
                        lease);
}

Task<absl::Status> ConnectionPoolTarget::TakeBack(const ReleaseRequest& request,
                                                  ReleaseResponse& response) {
  CO_RETURN_IF_ERROR(CheckBytes("lease", request.lease(), 1, kLongestName));
  CO_RETURN_IF_ERROR(CheckBytes("holder", request.holder(), 0, kLongestName));
  CO_ASSIGN_OR_RETURN(const Nanos held,
                      leases_.End(request.lease(), request.holder()));
  *response.mutable_held() = ToDuration(held);
  co_return absl::OkStatus();
}

Task<absl::Status> ConnectionPoolTarget::HoldOne(Stay& stay,
                                                 const UseRequest& request,
                                                 UseResponse& response) {
  CO_RETURN_IF_ERROR(CheckTime("hold", request.hold(), kLongest));
  CO_ASSIGN_OR_RETURN(const HeldConnection held, co_await Take(stay, request));
  CO_RETURN_IF_ERROR(co_await stay.WaitUntil(
      stay.Now() + ToNanos(request.hold()), Phase::kHold));
  response.set_connection(held.number());
  response.set_reused(held.reused());
  *response.mutable_waited() = ToDuration(held.waited());
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* ConnectionPoolTarget::Acquire(
    grpc::CallbackServerContext* context, const AcquireRequest* request,
    Lease* response) {
  using Call = ServedCall<grpc::ServerUnaryReactor>;
  return ServeStream<Call>(*this, context, [=, this](Call& call) {
    return Lend(call.stay(), *request, *response);
  });
}

grpc::ServerUnaryReactor* ConnectionPoolTarget::Release(
    grpc::CallbackServerContext* context, const ReleaseRequest* request,
    ReleaseResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& /*stay*/) {
    return TakeBack(*request, *response);
  });
}

grpc::ServerUnaryReactor* ConnectionPoolTarget::Use(
    grpc::CallbackServerContext* context, const UseRequest* request,
    UseResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return HoldOne(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* ConnectionPoolTarget::Stats(
    grpc::CallbackServerContext* context, const StatsRequest* /*request*/,
    StatsResponse* response) {
  *response = Statistics();
  return AnswerNow(context);
}

StatsResponse ConnectionPoolTarget::Statistics() {
  StatsResponse stats = connections_.Describe();
  const Leases::Counts leases = leases_.counts();
  stats.set_expired(leases.expired);
  stats.set_double_releases(leases.double_releases);
  stats.set_foreign_releases(leases.foreign_releases);
  return stats;
}

void ConnectionPoolTarget::ClearState() {
  leases_.Clear();
  connections_.Clear();
}

void ConnectionPoolTarget::DescribeState(google::protobuf::Struct& state) {
  const StatsResponse stats = Statistics();
  const auto tell = [&](const char* name, auto value) {
    Tell(state, name, static_cast<double>(value));
  };
  tell("size", stats.size());
  tell("in_use", stats.in_use());
  tell("idle", stats.idle());
  tell("waiting", stats.waiting());
  tell("acquired", stats.acquired());
  tell("reused", stats.reused());
  tell("opened", stats.opened());
  tell("waits", stats.waits());
  tell("timeouts", stats.timeouts());
  tell("refused", stats.refused());
  tell("expired", stats.expired());
  tell("double_releases", stats.double_releases());
  tell("foreign_releases", stats.foreign_releases());
  tell("exhaustions", stats.exhaustions());
}

void ConnectionPoolTarget::DescribeOwn(Since /*since*/,
                                       v1::TargetStatistics& statistics) {
  const StatsResponse stats = connections_.Describe();
  v1::PoolStatistics& pool = *statistics.mutable_pool();
  pool.set_connections(stats.in_use());
  pool.set_capacity(stats.size());
  pool.set_waiting(stats.waiting());
}

}  // namespace perfrig::targets
