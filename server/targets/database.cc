#include "server/targets/database.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/details.h"
#include "common/strings/glob.h"
#include "server/targets/fields.h"
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
using target::v1::Statement;
using target::v1::TransactionRequest;
using target::v1::TransactionResponse;

constexpr int kMostInTransaction = 100;
constexpr int kMostInBatch = 1'000;

// Rows are made in a few microseconds each.
constexpr std::size_t kLightRows = 20;

bool IsHeavy(const Rows::Statements& statements, double bytes) {
  std::size_t rows = 0;
  for (const Statement& each : statements) rows += Rows::Most(each);
  return rows > kLightRows || bytes > static_cast<double>(kLightBytes);
}

bool Writes(const Rows::Statements& statements) {
  return std::any_of(statements.begin(), statements.end(),
                     [](const Statement& each) { return each.has_execute(); });
}

// A range is where it begins.
bool IsSlow(const Statement& statement, const std::string& pattern) {
  if (pattern.empty() || !statement.has_query()) return false;
  const QueryRequest& query = statement.query();
  return MatchesGlob(
      pattern, absl::StrCat(query.table().empty() ? "rows" : query.table(), "/",
                            query.key(), query.from()));
}

absl::Status Away(Nanos remaining) {
  return WithRetry(absl::UnavailableError(absl::StrCat(
                       "failover: the primary is away for another ",
                       absl::FormatDuration(absl::Nanoseconds(remaining)))),
                   remaining);
}

}  // namespace

DatabaseTarget::DatabaseTarget(const TargetSetup& setup,
                               const std::string& postgresql)
    : Target(Kind(), setup),
      clock_(setup.clock),
      delay_configured_(setup.configured.has_delay()),
      real_(postgresql.empty()
                ? nullptr
                : std::make_unique<RealDatabase>(postgresql, setup.clock)) {}

TargetKind DatabaseTarget::Kind() {
  v1::Behavior behavior;
  behavior.mutable_delay()->mutable_fixed()->set_nanos(20 * kMillisecond);
  behavior.set_capacity(20);
  behavior.set_queue_limit(1'000);
  v1::DatabaseOptions& options = *behavior.mutable_database();
  options.set_replicas(1);
  options.set_back_end(v1::MOCK);
  options.set_slow_pattern("");
  options.mutable_slow_by();
  options.mutable_failover();
  return {"database", "perfrig.target.v1.Database",
          "A database: 20 ms a query over 20 connections", std::move(behavior)};
}

void DatabaseTarget::CheckOptions(const v1::Behavior& behavior,
                                  std::vector<FieldProblem>& problems) const {
  if (behavior.database().back_end() == v1::REAL && real_ == nullptr) {
    problems.push_back({"behavior.database.back_end",
                        "REAL needs a daemon with --postgresql CONNINFO"});
  }
}

void DatabaseTarget::Configure(const v1::Behavior& behavior) {
  const v1::DatabaseOptions& options = behavior.database();
  const bool real = options.back_end() == v1::REAL && real_ != nullptr;
  if (real) {
    real_->Open(
        {.connections = std::uint64_t{behavior.capacity()} * options.replicas(),
         .queue_limit = behavior.queue_limit(),
         .seed = seed()});
  } else if (real_ != nullptr) {
    real_->Close();
  }
  MutexLock lock(settings_mutex_);
  settings_.replicas = options.replicas();
  settings_.slow_pattern = options.slow_pattern();
  settings_.slow_by = ToNanos(options.slow_by());
  settings_.real = real;
}

void DatabaseTarget::Begin(const v1::Behavior& change,
                           const std::vector<std::string>& fields) {
  MutexLock lock(settings_mutex_);
  for (const std::string& field : fields) {
    if (field == "delay") {
      settings_.delay_set = change.has_delay() || delay_configured_;
    } else if (field == "database.failover") {
      settings_.away_until =
          clock_.Now() + ToNanos(change.database().failover());
    }
  }
}

void DatabaseTarget::ClearState() {
  rows_.Clear();
  if (real_ != nullptr) real_->Forget();
  MutexLock lock(settings_mutex_);
  settings_.delay_set = delay_configured_;
  settings_.away_until = 0;
}

DatabaseTarget::Settings DatabaseTarget::settings() const {
  MutexLock lock(settings_mutex_);
  return settings_;
}

Task<absl::StatusOr<Rows::Results>> DatabaseTarget::Run(
    Stay& stay, const Rows::Statements& statements, Way way, double bytes) {
  const Settings settings = this->settings();
  const Nanos away = settings.away_until - stay.Now();
  if (away > 0 && (settings.replicas == 1 || Writes(statements))) {
    co_return Away(away);
  }
  const std::uint64_t epoch = rows_.epoch();
  const auto slow = std::count_if(statements.begin(), statements.end(),
                                  [&](const Statement& each) {
                                    return IsSlow(each, settings.slow_pattern);
                                  });
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = way.in_trips ? statements.size() : 1,
       .transfer_bytes = bytes,
       .extra_delay = slow * settings.slow_by,
       .any_replica = way.reads,
       .keeps_own_delay = settings.real && !settings.delay_set}));
  // As it is now: it may have changed while the call waited.
  if (!this->settings().real) {
    if (IsHeavy(statements, bytes)) {
      CO_RETURN_IF_ERROR(co_await elsewhere().Go(stay.scope()));
    }
    co_return rows_.Apply(statements, seed(), epoch);
  }
  co_return co_await real_->Ask(stay, statements,
                                way.in_trips
                                    ? backends::PostgresWay::kTransaction
                                    : backends::PostgresWay::kBatch);
}

Task<absl::Status> DatabaseTarget::Ask(Stay& stay, const QueryRequest& query,
                                       QueryResponse& rows) {
  return Through(
      stay, station(), Phase::kDatabase,
      [this, &query, &rows](Stay& inner) { return Find(inner, query, rows); });
}

Task<absl::Status> DatabaseTarget::Find(Stay& stay, const QueryRequest& request,
                                        QueryResponse& response) {
  CO_RETURN_IF_ERROR(CheckQuery(request));
  Rows::Statements one;
  *one.Add()->mutable_query() = request;
  CO_ASSIGN_OR_RETURN(
      Rows::Results results,
      co_await Run(stay, one, {.reads = true}, BytesOf(request)));
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
                      co_await Run(stay, one, {}, BytesOf(request)));
  response.Swap(results[0].mutable_execute());
  co_return absl::OkStatus();
}

template <class Request, class Response>
Task<absl::Status> DatabaseTarget::RunAll(Stay& stay, const Request& request,
                                          Response& response, int most,
                                          Way way) {
  CO_RETURN_IF_ERROR(CheckStatements(request.statements(), most));
  CO_ASSIGN_OR_RETURN(
      Rows::Results results,
      co_await Run(stay, request.statements(), way, BytesOf(request)));
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
    return RunAll(stay, *request, *response, kMostInTransaction,
                  {.in_trips = true});
  });
}

grpc::ServerUnaryReactor* DatabaseTarget::Batch(
    grpc::CallbackServerContext* context, const BatchRequest* request,
    BatchResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return RunAll(stay, *request, *response, kMostInBatch, {});
  });
}

void DatabaseTarget::DescribeState(google::protobuf::Struct& state) {
  const Rows::Size written = rows_.written();
  Tell(state, "written_rows", static_cast<double>(written.rows));
  Tell(state, "written_bytes", static_cast<double>(written.bytes));
  const Settings settings = this->settings();
  Tell(state, "replicas", settings.replicas);
  const Nanos away = std::max<Nanos>(settings.away_until - clock_.Now(), 0);
  Tell(state, "failover_remaining_seconds",
       static_cast<double>(away) / kSecond);
  const auto real = real_ == nullptr ? std::nullopt : real_->counts();
  if (!real.has_value()) return;
  Tell(state, "postgresql_connected", static_cast<double>(real->connected));
  Tell(state, "postgresql_busy", static_cast<double>(real->busy));
  Tell(state, "postgresql_waiting", static_cast<double>(real->waiting));
}

void DatabaseTarget::DescribeOwn(Since /*since*/,
                                 v1::TargetStatistics& statistics) {
  v1::PoolStatistics& pool = *statistics.mutable_pool();
  pool.set_capacity(station().places());
  pool.set_waiting(statistics.waiting());
  pool.set_connections(statistics.in_flight() - statistics.waiting());
  const auto real = real_ == nullptr ? std::nullopt : real_->counts();
  if (!real.has_value()) return;
  pool.set_capacity(real->connections);
  pool.set_waiting(statistics.waiting() + real->waiting);
  pool.set_connections(real->busy);
}

}  // namespace perfrig::targets
