// The target that stands for a database.
#ifndef PERFRIG_SERVER_TARGETS_DATABASE_H_
#define PERFRIG_SERVER_TARGETS_DATABASE_H_

#include "perfrig/target/v1/database.grpc.pb.h"
#include "server/targets/rows.h"
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

 private:
  void ClearState() override { rows_.Clear(); }
  void DescribeState(google::protobuf::Struct& state) override;

  template <class Request, class Response>
  grpc::ServerUnaryReactor* RunAll(grpc::CallbackServerContext* context,
                                   const Request& request, Response& response,
                                   int most, bool each_delayed);

  Rows rows_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_DATABASE_H_
