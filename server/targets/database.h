// The target that stands for a database.
#ifndef PERFRIG_SERVER_TARGETS_DATABASE_H_
#define PERFRIG_SERVER_TARGETS_DATABASE_H_

#include "perfrig/target/v1/database.grpc.pb.h"
#include "server/targets/rows.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 20 ms a query over 20 connections; 1,000 calls may wait for one.
class DatabaseTarget final : public Target,
                             public target::v1::Database::CallbackService {
 public:
  explicit DatabaseTarget(const TargetSetup& setup);

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

  // What Query does, for a target that stands before this one.
  Task<absl::Status> Find(Stay& stay, const target::v1::QueryRequest& request,
                          target::v1::QueryResponse& response);

 private:
  void ClearState() override { rows_.Clear(); }
  void DescribeState(google::protobuf::Struct& state) override;

  // One connection for all statements, and the delay `times` times.
  Task<absl::StatusOr<Rows::Results>> Run(Stay& stay,
                                          const Rows::Statements& statements,
                                          int times, double bytes);
  Task<absl::Status> Write(Stay& stay,
                           const target::v1::ExecuteRequest& request,
                           target::v1::ExecuteResponse& response);
  template <class Request, class Response>
  Task<absl::Status> RunAll(Stay& stay, const Request& request,
                            Response& response, int most, bool each_delayed);

  Rows rows_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_DATABASE_H_
