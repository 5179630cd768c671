#include "server/targets/config.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/random.h"
#include "server/targets/fields.h"
#include "server/targets/serve.h"

namespace perfrig::targets {
namespace {

using target::v1::ConfigStatsRequest;
using target::v1::ConfigStatsResponse;
using target::v1::InvalidateConfigRequest;
using target::v1::InvalidateConfigResponse;
using target::v1::QueryRequest;
using target::v1::QueryResponse;
using target::v1::ResolveRequest;
using target::v1::ResolveResponse;

constexpr std::size_t kLongestTenant = 256;
constexpr std::array<std::string_view, 3> kPlans = {"free", "pro",
                                                    "enterprise"};

absl::Status CheckPlan(const std::string& plan) {
  if (plan.empty() ||
      std::find(kPlans.begin(), kPlans.end(), plan) != kPlans.end()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("plan: must be \"free\", \"pro\" or \"enterprise\", got \"",
                   plan.substr(0, 100), "\""));
}

std::string KeyOf(std::string_view plan, const std::string& tenant) {
  return std::string(plan) + "/" + tenant;
}

// The row that has the configuration of this tier, if any has.
QueryRequest RowOf(ResolveResponse::Tier tier, const ResolveResponse& found) {
  QueryRequest query;
  if (tier == ResolveResponse::TENANT) {
    query.set_table("tenant_configs");
    query.set_key(found.tenant());
  } else if (tier == ResolveResponse::PLAN) {
    query.set_table("plan_configs");
    query.set_key(found.plan());
  } else {
    query.set_table("default_configs");
    query.set_key("default");
  }
  return query;
}

}  // namespace

ConfigTarget::ConfigTarget(const TargetSetup& setup, DatabaseTarget& database)
    : Target(Kind(), setup),
      database_(database),
      cache_(setup.clock, setup.delays) {}

TargetKind ConfigTarget::Kind() {
  v1::Behavior behavior;
  v1::ConfigOptions& options = *behavior.mutable_config();
  options.set_cache_bytes(64'000'000);
  options.mutable_cache_ttl()->set_seconds(300);
  options.set_missing_tiers(0);
  return {"config", "perfrig.target.v1.Config",
          "Configurations of tenants: a query for what is not cached, another "
          "where a tier is missing",
          std::move(behavior)};
}

void ConfigTarget::Configure(const v1::Behavior& behavior) {
  const v1::ConfigOptions& options = behavior.config();
  cache_.Configure(options.cache_bytes(), ToNanos(options.cache_ttl()));
  const double missing = options.missing_tiers();
  // What is kept was found as these were before.
  const bool other_share = missing_tiers_.exchange(missing) != missing;
  const bool other_seed = kept_seed_.exchange(seed()) != seed();
  if (other_share || other_seed) cache_.InvalidateAll();
}

void ConfigTarget::ClearState() {
  cache_.Clear();
  queries_ = 0;
  fallbacks_ = 0;
}

std::string ConfigTarget::PlanOf(const std::string& tenant) const {
  Random random = Random::OfCall(seed() ^ HashOf("plan"), HashOf(tenant));
  return std::string(kPlans.at(random.Next() % kPlans.size()));
}

bool ConfigTarget::HasNone(const std::string& tenant) const {
  Random random = Random::OfCall(seed() ^ HashOf("missing"), HashOf(tenant));
  return random.Unit() < missing_tiers_;
}

Task<absl::Status> ConfigTarget::Answer(Stay& stay,
                                        const ResolveRequest& request,
                                        ResolveResponse& response) {
  CO_RETURN_IF_ERROR(CheckBytes("tenant", request.tenant(), 1, kLongestTenant));
  CO_RETURN_IF_ERROR(CheckPlan(request.plan()));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  const std::string plan =
      request.plan().empty() ? PlanOf(request.tenant()) : request.plan();
  response.set_tenant(request.tenant());
  response.set_plan(plan);
  CO_ASSIGN_OR_RETURN(
      const cache::Found found,
      co_await cache_.GetOrRead(stay, KeyOf(plan, request.tenant()),
                                [&] { return Look(stay, response); }));
  // Not what this call has made itself.
  if (response.queries() == 0) response.ParseFromString(*found.value);
  response.set_cached(found.source == cache::Source::kFirstTier);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::string>> ConfigTarget::Look(Stay& stay,
                                                     ResolveResponse& found) {
  std::uint32_t queries = 0;
  for (const auto tier : {ResolveResponse::TENANT, ResolveResponse::PLAN,
                          ResolveResponse::DEFAULT}) {
    const QueryRequest query = RowOf(tier, found);
    QueryResponse rows;
    if (tier != ResolveResponse::TENANT) ++fallbacks_;
    ++queries_;
    ++queries;
    CO_RETURN_IF_ERROR(co_await database_.Ask(stay, query, rows));
    const bool has_none =
        tier == ResolveResponse::TENANT && HasNone(found.tenant());
    if (rows.rows().empty() || has_none) continue;
    found.set_tier(tier);
    found.mutable_settings()->swap(*rows.mutable_rows(0)->mutable_columns());
    std::string kept = found.SerializeAsString();
    found.set_queries(queries);
    co_return kept;
  }
  co_return absl::NotFoundError(
      absl::StrCat("tenant: no configuration for \"", found.tenant(),
                   "\", its plan \"", found.plan(), "\", or by default"));
}

Task<absl::Status> ConfigTarget::Forget(Stay& stay,
                                        const InvalidateConfigRequest& request,
                                        InvalidateConfigResponse& response) {
  CO_RETURN_IF_ERROR(CheckBytes("tenant", request.tenant(), 0, kLongestTenant));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  if (request.tenant().empty()) {
    response.set_invalidated(cache_.InvalidateAll());
    co_return absl::OkStatus();
  }
  for (const std::string_view plan : kPlans) {
    if (cache_.Invalidate(KeyOf(plan, request.tenant()))) {
      response.set_invalidated(response.invalidated() + 1);
    }
  }
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* ConfigTarget::Resolve(
    grpc::CallbackServerContext* context, const ResolveRequest* request,
    ResolveResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Answer(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* ConfigTarget::Invalidate(
    grpc::CallbackServerContext* context,
    const InvalidateConfigRequest* request,
    InvalidateConfigResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Forget(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* ConfigTarget::Stats(
    grpc::CallbackServerContext* context, const ConfigStatsRequest* /*request*/,
    ConfigStatsResponse* response) {
  *response->mutable_cache() = cache_.Counts();
  response->set_queries(queries_);
  response->set_fallbacks(fallbacks_);
  return AnswerNow(context);
}

void ConfigTarget::DescribeState(google::protobuf::Struct& state) {
  cache_.Describe(state);
  auto& fields = *state.mutable_fields();
  fields["queries"].set_number_value(static_cast<double>(queries_));
  fields["fallbacks"].set_number_value(static_cast<double>(fallbacks_));
}

void ConfigTarget::DescribeOwn(Since since, v1::TargetStatistics& statistics) {
  *statistics.mutable_cache() =
      since == Since::kStart ? cache_.Totals() : cache_.Statistics();
}

}  // namespace perfrig::targets
