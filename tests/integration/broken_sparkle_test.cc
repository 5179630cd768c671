// Sparkle's suites, on broken targets.
#include "tests/integration/broken_targets.h"

namespace perfrig {
namespace {

constexpr char kWarmupGain[] =
    "1 - (fetch.latency.p50 + send.latency.p50) / "
    "(warmup_before.fetch.latency.p50 + warmup_before.send.latency.p50) >= 20%";

const std::vector<Breakage>& Breakages() {
  static const auto& breakages = *new std::vector<Breakage>{
      {.name = "PartsThatAreSlow",
       .behavior = "orchestrator: {delay: 300ms, tool_delay: 300ms}\n"
                   "database: {capacity: 1}\n"
                   "cache: {delay: 20ms}",
       .suite = "sparkle-baseline",
       .runs = {{.load = "users: 75 iterations: 75",
                 .misses = {{"chat", "latency.p95 < 105ms"},
                            {"tool", "latency.p95 < 55ms"},
                            {"query", "latency.p95 < 15ms"},
                            {"cache_get", "latency.p95 < 1ms"}}},
                {.load = "",
                 .misses = {{"cache_get", "throughput > 1000/s"}}}}},
      {.name = "ModelThatIsSlow",
       .behavior = "orchestrator: {delay: 650ms}",
       .suite = "sparkle-latency",
       .runs = {{.load = "users: 75 iterations: 75",
                 .misses = {{"single_request_latency", "latency.p95 < 200ms"},
                            {"sequential_100", "latency.avg < 200ms"},
                            {"concurrent_20", "latency.p95 < 300ms"}}},
                {.load = "users: 20 iterations: 40",
                 .misses = {{"message_throughput_500", "throughput > 50/s"}}},
                {.load = "users: 400 iterations: 400",
                 .misses = {{"latency_percentiles", "latency.p99 < 500ms"}}},
                {.load = "",
                 .misses = {{"sustained_10_batches", "throughput > 50/s"}},
                 .rounds = 1}}},
      {.name = "PoolThatIsTooSmall",
       .behavior = "connection_pool: {connections: 5, wait: 0s}",
       .suite = "sparkle-pool",
       .runs = {{.load = "",
                 .misses = {{"capacity_20", "success.rate == 100%",
                             "success below 95 %"},
                            {"exhaustion_50", "status.OK.count >= 20"},
                            {"concurrent_50", "success.rate == 100%",
                             "× RESOURCE_EXHAUSTED"}}}}},
      {.name = "PoolThatIsSlow",
       .behavior = "connection_pool: {delay: 1500ms}",
       .suite = "sparkle-pool",
       .runs = {{.load = "",
                 .misses = {{"recovery", "latency.max - 500ms < 1s"}}}}},
      {.name = "PoolAndDatabaseThatFail",
       .behavior =
           "connection_pool: {faults: [{rate: 20%, status: UNAVAILABLE}]}\n"
           "database: {faults: [{rate: 20%, status: UNAVAILABLE}]}",
       .suite = "sparkle-pool",
       .runs = {{.load = "",
                 .misses = {{"reuse", "reused.sum >= 980"},
                            {"scaling_10_20_50", "success.rate == 100%"}},
                 .rounds = 1}}},
      {.name = "CacheThatKeepsNothing",
       .behavior = "cache: {l1_bytes: 0}",
       .suite = "sparkle-cache",
       .runs = {{.load = "",
                 .misses = {{"warm", "hit.rate == 100%"},
                            {"mixed", "hit.rate >= 40%"},
                            {"concurrent_1000", "hit.rate > 95%"}}}}},
      {.name = "CacheThatFails",
       .behavior = "cache: {faults: [{rate: 50%, status: UNAVAILABLE}]}",
       .suite = "sparkle-cache",
       .runs = {{.load = "", .misses = {{"cold", "errors.rate == 0"}}}}},
      {.name = "ModelThatFails",
       .behavior = "orchestrator: {faults: [{rate: 50%, status: UNAVAILABLE}]}",
       .suite = "sparkle-users",
       .runs = {{.load = "",
                 .misses = {{"users_10", "success.rate == 100%",
                             "success below 95 %"},
                            {"users_50", "success.rate > 90%"}}}}},
      {.name = "UsersOfAModelThatIsSlow",
       .behavior = "orchestrator: {delay: 4100ms}",
       .suite = "sparkle-users",
       .runs = {{.load = "iterations_per_user: 1",
                 .misses = {{"users_10", "elapsed < 4s"}}}}},
      {.name = "TokensThatAreUsedUp",
       .behavior = "orchestrator: {token_budget: 50}",
       .suite = "sparkle-tokens",
       .runs = {{.load = "",
                 .misses = {{"per_request", "errors.rate == 0"},
                            {"large_message", "errors.rate == 0"},
                            {"scaling", "errors.rate == 0"},
                            {"budget_100_requests", "errors.rate == 0"}}}}},
      {.name = "ModelThatTakesFewAtOnce",
       .behavior = "orchestrator: {capacity: 5, queue_limit: 5}",
       .suite = "sparkle-stress",
       .runs = {{.load = "",
                 .misses = {{"burst_200", "success.rate > 85%",
                             "× RESOURCE_EXHAUSTED"},
                            {"high_concurrent_100", "success.rate > 90%"}}}}},
      {.name = "WarmupOfACacheThatKeepsNothing",
       .behavior = "template: {cache_bytes: 0}",
       .suite = "sparkle-whatif",
       .runs = {{.load = "users: 20 iterations: 40",
                 .misses = {{"warmup", kWarmupGain}}}}},
      {.name = "BatchesForAModelThatIsSlow",
       .behavior = "orchestrator: {delay: 700ms}",
       .suite = "sparkle-whatif",
       .runs = {{.load = "users: 20 iterations: 40",
                 .misses = {{"batching",
                             "throughput / batching_before.throughput >= "
                             "1.3"}}}}},
      {.name = "SpikesOnADatabaseThatFails",
       .behavior = "database: {faults: [{rate: 20%, status: UNAVAILABLE}]}",
       .suite = "sparkle-whatif",
       .runs = {{.load = "",
                 .misses = {{"pool_size", "errors.rate == 0"}},
                 .rounds = 1}}},
  };
  return breakages;
}

INSTANTIATE_TEST_SUITE_P(Sparkle, BrokenTargets,
                         ::testing::ValuesIn(Breakages()), NameOf);

}  // namespace
}  // namespace perfrig
