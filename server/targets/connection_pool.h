// The target that stands for a pool of connections.
#ifndef PERFRIG_SERVER_TARGETS_CONNECTION_POOL_H_
#define PERFRIG_SERVER_TARGETS_CONNECTION_POOL_H_

#include <atomic>

#include "perfrig/target/v1/connection_pool.grpc.pb.h"
#include "server/targets/connections.h"
#include "server/targets/leases.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 20 connections; a call waits up to 5 s for one; leases end after 30 s.
class ConnectionPoolTarget final
    : public Target,
      public target::v1::ConnectionPool::CallbackService {
 public:
  explicit ConnectionPoolTarget(const TargetSetup& setup);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Acquire(grpc::CallbackServerContext* context,
                                    const target::v1::AcquireRequest* request,
                                    target::v1::Lease* response) override;
  grpc::ServerUnaryReactor* Release(
      grpc::CallbackServerContext* context,
      const target::v1::ReleaseRequest* request,
      target::v1::ReleaseResponse* response) override;
  grpc::ServerUnaryReactor* Use(grpc::CallbackServerContext* context,
                                const target::v1::UseRequest* request,
                                target::v1::UseResponse* response) override;
  grpc::ServerUnaryReactor* Stats(grpc::CallbackServerContext* context,
                                  const target::v1::StatsRequest* request,
                                  target::v1::StatsResponse* response) override;

 private:
  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  // A connection, after the delay of the behavior.
  template <class Request>
  Task<absl::StatusOr<HeldConnection>> Take(Stay& stay, const Request& request);
  Task<absl::Status> Lend(Stay& stay, const target::v1::AcquireRequest& request,
                          target::v1::Lease& response);
  Task<absl::Status> TakeBack(const target::v1::ReleaseRequest& request,
                              target::v1::ReleaseResponse& response);
  Task<absl::Status> HoldOne(Stay& stay, const target::v1::UseRequest& request,
                             target::v1::UseResponse& response);
  target::v1::StatsResponse Statistics();

  Connections connections_;
  // Hold connections.
  Leases leases_;
  // As the behavior says.
  std::atomic<Nanos> wait_ = 0;
  std::atomic<Nanos> lease_ = 0;
  std::atomic<Nanos> open_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CONNECTION_POOL_H_
