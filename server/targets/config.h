// The target that stands for a service of tenants' configurations.
#ifndef PERFRIG_SERVER_TARGETS_CONFIG_H_
#define PERFRIG_SERVER_TARGETS_CONFIG_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "perfrig/target/v1/config.grpc.pb.h"
#include "server/targets/database.h"
#include "server/targets/read_cache.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// Without a delay of its own: what it has not kept takes the database's.
class ConfigTarget final : public Target,
                           public target::v1::Config::CallbackService {
 public:
  // `database` outlives this.
  ConfigTarget(const TargetSetup& setup, DatabaseTarget& database);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Resolve(
      grpc::CallbackServerContext* context,
      const target::v1::ResolveRequest* request,
      target::v1::ResolveResponse* response) override;
  grpc::ServerUnaryReactor* Invalidate(
      grpc::CallbackServerContext* context,
      const target::v1::InvalidateConfigRequest* request,
      target::v1::InvalidateConfigResponse* response) override;
  grpc::ServerUnaryReactor* Stats(
      grpc::CallbackServerContext* context,
      const target::v1::ConfigStatsRequest* request,
      target::v1::ConfigStatsResponse* response) override;

 private:
  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  Task<absl::Status> Answer(Stay& stay,
                            const target::v1::ResolveRequest& request,
                            target::v1::ResolveResponse& response);
  // Tier by tier, until one has something; what is kept of that.
  Task<absl::StatusOr<std::string>> Look(Stay& stay,
                                         target::v1::ResolveResponse& found);
  Task<absl::Status> Forget(Stay& stay,
                            const target::v1::InvalidateConfigRequest& request,
                            target::v1::InvalidateConfigResponse& response);

  [[nodiscard]] std::string PlanOf(const std::string& tenant) const;
  // Whether it is one of those without a configuration of their own.
  [[nodiscard]] bool HasNone(const std::string& tenant) const;

  DatabaseTarget& database_;
  ReadCache cache_;
  std::atomic<double> missing_tiers_ = 0;
  // Of what is kept.
  std::atomic<std::uint64_t> kept_seed_ = 0;
  std::atomic<std::uint64_t> queries_ = 0;
  std::atomic<std::uint64_t> fallbacks_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CONFIG_H_
