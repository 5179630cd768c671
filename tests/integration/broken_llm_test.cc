// The suites of the LLM configuration system, on broken targets.
#include "tests/integration/broken_targets.h"

namespace perfrig {
namespace {

const std::vector<Breakage>& Breakages() {
  static const auto& breakages = *new std::vector<Breakage>{
      {.name = "ConfigOverASlowDatabase",
       .behavior = "database: {delay: 1s, capacity: 0}",
       .suite = "llm-config",
       .runs =
           {{.load = "users: 100 iterations: 100",
             .misses = {{"single_resolution_latency", "latency.p95 < 100ms"},
                        {"tier_fallback_latency", "latency.p95 < 150ms"}}}}},
      {.name = "ConfigThatKeepsNothing",
       .behavior = "config: {cache_bytes: 0}\n"
                   "database: {delay: 200ms, capacity: 0}",
       .suite = "llm-config",
       .runs = {{.load = "users: 50 iterations: 100",
                 .misses = {{"cached_resolution_latency", "latency.p95 < 5ms"},
                            {"cache_hit_rate_single_config",
                             "cached.rate > 95%"},
                            {"cache_performance_improvement",
                             "single_resolution_latency.latency.p50 / "
                             "latency.p50 > 10"}}},
                {.load = "",
                 .misses = {{"sequential_resolution_throughput",
                             "throughput > 500/s"},
                            {"concurrent_resolution_throughput",
                             "throughput > 1000/s"}}}}},
      {.name = "ConfigWithoutOwnTiers",
       .behavior = "config: {missing_tiers: 1}",
       .suite = "llm-config",
       .runs = {{.load = "users: 20 iterations: 100",
                 .misses = {{"single_resolution_latency",
                             "queries.max == 1"}}}}},
      {.name = "TemplatesFromASlowStore",
       .behavior = "object_store: {delay: 1s}",
       .suite = "llm-templates",
       .runs = {{.load = "users: 75 iterations: 75",
                 .misses = {{"template_fetch_latency_cold_cache",
                             "latency.p95 < 150ms"}}}}},
      {.name = "TemplatesThatAreNotKept",
       .behavior = "template: {cache_bytes: 0}\n"
                   "object_store: {delay: 300ms}",
       .suite = "llm-templates",
       .runs = {{.load = "users: 50 iterations: 100",
                 .misses = {{"template_fetch_latency_warm_cache",
                             "latency.p95 < 5ms"},
                            {"s3_fetch_cache_effectiveness",
                             "1 - cached.rate < 5%"},
                            {"cache_speedup_vs_s3",
                             "template_fetch_latency_cold_cache.latency.p50 / "
                             "latency.p50 > 10"}}}}},
      {.name = "SlowRendering",
       .behavior = "template: {delay: 300ms}",
       .suite = "llm-templates",
       .runs = {{.load = "users: 75 iterations: 75",
                 .misses = {{"simple_template_rendering_latency",
                             "latency.p95 < 10ms"},
                            {"complex_template_rendering",
                             "latency.p95 < 20ms"}}},
                {.load = "",
                 .misses = {{"template_rendering_throughput",
                             "throughput > 1000/s"},
                            {"concurrent_rendering", "throughput > 2000/s"}}}}},
      {.name = "ManyUsersOfASlowDatabase",
       .behavior = "database: {delay: 300ms, capacity: 0}",
       .suite = "llm-scale",
       .runs = {{.load = "users: 20 iterations: 200",
                 .misses = {{"users_100", "resolve.latency.p95 < 100ms"}}}}},
      {.name = "InstancesThatShareNothing",
       .behavior = "cache: {l2: false}",
       .suite = "llm-scale",
       .runs = {{.load = "users: 20 iterations: 40",
                 .misses = {{"shared_l2", "errors.rate == 0"}}}}},
      {.name = "MuchDataInASlowDatabase",
       .behavior = "database: {delay: 1s, capacity: 0}",
       .suite = "llm-scale",
       .runs = {{.load = "users: 20 iterations: 80",
                 .misses = {{"volume_100k", "latency.p95 < 100ms"}}},
                {.load = "",
                 .misses = {{"eviction", "users.latency.p95 < 100ms"}}}}},
  };
  return breakages;
}

INSTANTIATE_TEST_SUITE_P(Llm, BrokenTargets, ::testing::ValuesIn(Breakages()),
                         NameOf);

}  // namespace
}  // namespace perfrig
