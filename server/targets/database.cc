#include "server/targets/database.h"

#include <utility>

#include "common/status/macros.h"
#include "server/targets/statements.h"
#include "server/targets/unary_call.h"

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

grpc::ServerUnaryReactor* DatabaseTarget::Query(
    grpc::CallbackServerContext* context, const QueryRequest* request,
    QueryResponse* response) {
  const absl::Status checked = CheckQuery(*request);
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  return ServeUnary(*this, context, *request, *response, {},
                    [this, request, response]() -> absl::Status {
                      Rows::Statements one;
                      *one.Add()->mutable_query() = *request;
                      ASSIGN_OR_RETURN(Rows::Results results,
                                       rows_.Apply(one, seed()));
                      response->Swap(results[0].mutable_query());
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DatabaseTarget::Execute(
    grpc::CallbackServerContext* context, const ExecuteRequest* request,
    ExecuteResponse* response) {
  const absl::Status checked = CheckExecute(*request);
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  return ServeUnary(*this, context, *request, *response, {},
                    [this, request, response]() -> absl::Status {
                      Rows::Statements one;
                      *one.Add()->mutable_execute() = *request;
                      ASSIGN_OR_RETURN(Rows::Results results,
                                       rows_.Apply(one, seed()));
                      response->Swap(results[0].mutable_execute());
                      return absl::OkStatus();
                    });
}

// Holds one connection for all of it.
template <class Request, class Response>
grpc::ServerUnaryReactor* DatabaseTarget::RunAll(
    grpc::CallbackServerContext* context, const Request& request,
    Response& response, int most, bool each_delayed) {
  const absl::Status checked = CheckStatements(request.statements(), most);
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  const int times = each_delayed ? request.statements_size() : 1;
  return ServeUnary(*this, context, request, response, {.times = times},
                    [this, &request, &response]() -> absl::Status {
                      ASSIGN_OR_RETURN(
                          Rows::Results results,
                          rows_.Apply(request.statements(), seed()));
                      response.mutable_results()->Swap(&results);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* DatabaseTarget::Transaction(
    grpc::CallbackServerContext* context, const TransactionRequest* request,
    TransactionResponse* response) {
  return RunAll(context, *request, *response, kMostInTransaction, true);
}

grpc::ServerUnaryReactor* DatabaseTarget::Batch(
    grpc::CallbackServerContext* context, const BatchRequest* request,
    BatchResponse* response) {
  return RunAll(context, *request, *response, kMostInBatch, false);
}

void DatabaseTarget::DescribeState(google::protobuf::Struct& state) {
  const Rows::Size written = rows_.written();
  auto& fields = *state.mutable_fields();
  fields["written_rows"].set_number_value(static_cast<double>(written.rows));
  fields["written_bytes"].set_number_value(static_cast<double>(written.bytes));
}

}  // namespace perfrig::targets
