#include "server/targets/database.h"

#include <utility>

#include "server/targets/serve.h"
#include "server/targets/statements.h"

namespace perfrig::targets {
namespace {

using target::v1::BatchRequest;
using target::v1::BatchResponse;
using target::v1::ExecuteRequest;
using target::v1::ExecuteResponse;
using target::v1::QueryRequest;
using target::v1::QueryResponse;
using target::v1::TransactionRequest;
using target::v1::TransactionResponse;

constexpr int kMostInTransaction = 100;
constexpr int kMostInBatch = 1'000;

}  // namespace

DatabaseTarget::DatabaseTarget(const TargetSetup& setup)
    : Target(Kind(), setup) {}

TargetKind DatabaseTarget::Kind() {
  v1::Behavior behavior;
  behavior.mutable_delay()->mutable_fixed()->set_nanos(20 * kMillisecond);
  behavior.set_capacity(20);
  behavior.set_queue_limit(1'000);
  return {"database", "perfrig.target.v1.Database",
          "A database: 20 ms a query over 20 connections", std::move(behavior)};
}

Task<absl::StatusOr<Rows::Results>> DatabaseTarget::Run(
    Stay& stay, const Rows::Statements& statements, int times, double bytes) {
  CO_RETURN_IF_ERROR(
      co_await stay.Enter({.work_times = times, .transfer_bytes = bytes}));
  co_return rows_.Apply(statements, seed());
}

Task<absl::Status> DatabaseTarget::Find(Stay& stay, const QueryRequest& request,
                                        QueryResponse& response) {
  CO_RETURN_IF_ERROR(CheckQuery(request));
  Rows::Statements one;
  *one.Add()->mutable_query() = request;
  CO_ASSIGN_OR_RETURN(Rows::Results results,
                      co_await Run(stay, one, 1, BytesOf(request)));
  response.Swap(results[0].mutable_query());
  co_return absl::OkStatus();
}

Task<absl::Status> DatabaseTarget::Write(Stay& stay,
                                         const ExecuteRequest& request,
                                         ExecuteResponse& response) {
  CO_RETURN_IF_ERROR(CheckExecute(request));
  Rows::Statements one;
  *one.Add()->mutable_execute() = request;
  CO_ASSIGN_OR_RETURN(Rows::Results results,
                      co_await Run(stay, one, 1, BytesOf(request)));
  response.Swap(results[0].mutable_execute());
  co_return absl::OkStatus();
}

template <class Request, class Response>
Task<absl::Status> DatabaseTarget::RunAll(Stay& stay, const Request& request,
                                          Response& response, int most,
                                          bool each_delayed) {
  CO_RETURN_IF_ERROR(CheckStatements(request.statements(), most));
  CO_ASSIGN_OR_RETURN(Rows::Results results,
                      co_await Run(stay, request.statements(),
                                   each_delayed ? request.statements_size() : 1,
                                   BytesOf(request)));
  response.mutable_results()->Swap(&results);
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* DatabaseTarget::Query(
    grpc::CallbackServerContext* context, const QueryRequest* request,
    QueryResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Find(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* DatabaseTarget::Execute(
    grpc::CallbackServerContext* context, const ExecuteRequest* request,
    ExecuteResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Write(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* DatabaseTarget::Transaction(
    grpc::CallbackServerContext* context, const TransactionRequest* request,
    TransactionResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return RunAll(stay, *request, *response, kMostInTransaction, true);
  });
}

grpc::ServerUnaryReactor* DatabaseTarget::Batch(
    grpc::CallbackServerContext* context, const BatchRequest* request,
    BatchResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return RunAll(stay, *request, *response, kMostInBatch, false);
  });
}

void DatabaseTarget::DescribeState(google::protobuf::Struct& state) {
  const Rows::Size written = rows_.written();
  auto& fields = *state.mutable_fields();
  fields["written_rows"].set_number_value(static_cast<double>(written.rows));
  fields["written_bytes"].set_number_value(static_cast<double>(written.bytes));
}

}  // namespace perfrig::targets
