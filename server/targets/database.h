// The target that stands for a database.
#ifndef PERFRIG_SERVER_TARGETS_DATABASE_H_
#define PERFRIG_SERVER_TARGETS_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "perfrig/target/v1/database.grpc.pb.h"
#include "server/targets/real_database.h"
#include "server/targets/rows.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 20 ms a query over 20 connections; 1,000 calls may wait for one.
class DatabaseTarget final : public Target,
                             public target::v1::Database::CallbackService {
 public:
  // `postgresql` is what PostgresPool::Check takes, or empty: then the back end
  // cannot be REAL.
  DatabaseTarget(const TargetSetup& setup, const std::string& postgresql);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Query(grpc::CallbackServerContext* context,
                                  const target::v1::QueryRequest* request,
                                  target::v1::QueryResponse* response) override;
  grpc::ServerUnaryReactor* Execute(
      grpc::CallbackServerContext* context,
      const target::v1::ExecuteRequest* request,
      target::v1::ExecuteResponse* response) override;
  grpc::ServerUnaryReactor* Transaction(
      grpc::CallbackServerContext* context,
      const target::v1::TransactionRequest* request,
      target::v1::TransactionResponse* response) override;
  grpc::ServerUnaryReactor* Batch(grpc::CallbackServerContext* context,
                                  const target::v1::BatchRequest* request,
                                  target::v1::BatchResponse* response) override;

  // A query of a target that stands before this one, as a part of a visit to
  // that; `query` and `rows` outlive it.
  Task<absl::Status> Ask(Stay& stay, const target::v1::QueryRequest& query,
                         target::v1::QueryResponse& rows);

 private:
  Task<absl::Status> Find(Stay& stay, const target::v1::QueryRequest& request,
                          target::v1::QueryResponse& response);

  // What the behavior says to all calls.
  struct Settings {
    std::uint32_t replicas = 1;
    std::string slow_pattern;
    Nanos slow_by = 0;
    bool real = false;
    // Somebody has asked for the delay, so that the real thing pays it, too.
    bool delay_set = false;
    // The primary is away until then.
    Nanos away_until = 0;
  };
  // How a call goes about its statements.
  struct Way {
    // Any replica will do.
    bool reads = false;
    // A trip for each statement, not one for all.
    bool in_trips = false;
  };

  void Configure(const v1::Behavior& behavior) override;
  void Begin(const v1::Behavior& change,
             const std::vector<std::string>& fields) override;
  void CheckOptions(const v1::Behavior& behavior,
                    std::vector<FieldProblem>& problems) const override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  [[nodiscard]] Settings settings() const;
  // One connection for all statements, which have been checked.
  Task<absl::StatusOr<Rows::Results>> Run(Stay& stay,
                                          const Rows::Statements& statements,
                                          Way way, double bytes);
  Task<absl::Status> Write(Stay& stay,
                           const target::v1::ExecuteRequest& request,
                           target::v1::ExecuteResponse& response);
  template <class Request, class Response>
  Task<absl::Status> RunAll(Stay& stay, const Request& request,
                            Response& response, int most, Way way);

  const Clock& clock_;
  const bool delay_configured_;
  Rows rows_;
  // Null: there is none.
  const std::unique_ptr<RealDatabase> real_;

  mutable Mutex settings_mutex_;
  Settings settings_ PERFRIG_GUARDED_BY(settings_mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_DATABASE_H_
