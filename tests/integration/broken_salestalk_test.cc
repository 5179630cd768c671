// SalesTalk's suites, on broken targets.
#include "tests/integration/broken_targets.h"

namespace perfrig {
namespace {

const std::vector<Breakage>& Breakages() {
  static const auto& breakages = *new std::vector<Breakage>{
      {.name = "ClassifierThatIsSlow",
       .behavior = "classifier: {slow_by: 2s}",
       .suite = "salestalk-latency",
       .runs = {{.load = "users: 100 iterations: 100",
                 .misses = {{"slo", "latency.p95 < 2s"},
                            {"single_request_latency", "latency.p50 < 400ms"},
                            {"classification_p95_latency",
                             "latency.p50 < 1s"}}}}},
      {.name = "ClassifierThatFails",
       .behavior = "classifier: {faults: [{rate: 50%, status: UNAVAILABLE}]}",
       .suite = "salestalk-latency",
       .runs = {{.load = "users: 100 iterations: 100",
                 .misses = {{"slo", "availability > 99.9%",
                             "× UNAVAILABLE"}}}}},
      {.name = "ClassifierThatFailsUnderLoad",
       .behavior = "classifier: {faults: [{rate: 50%, status: UNAVAILABLE}]}",
       .suite = "salestalk-load",
       .runs = {{.load = "duration { seconds: 2 }",
                 .misses = {{"sustained_load", "availability > 99.9%",
                             "success below 95 %"}}}}},
      {.name = "ClassifierThatIsAway",
       .behavior = "classifier: {outage: {duration: 1h}}",
       .suite = "salestalk-timeout",
       .runs = {{.load = "",
                 .misses = {{"slow_provider", "errors.rate == 0"}}}}},
      {.name = "ClassifierThatIsFasterThanTheTimeout",
       .behavior = "classifier: {delay: 0s}",
       .suite = "salestalk-timeout",
       .runs = {{.load = "",
                 .misses = {{"client_timeout", "errors.rate == 0"}}}}},
      {.name = "ClassifierThatIsAwayFromEverybody",
       .behavior = "classifier: {outage: {duration: 1h}}",
       .suite = "salestalk-load",
       .runs = {{.load = "",
                 .misses = {{"concurrent_tenants", "errors.rate == 0"}}}}},
      {.name = "ClassifierThatAFloodSlowsDown",
       .behavior = "classifier: {load_factor: 0.012}",
       .suite = "salestalk-load",
       .runs = {{.load = "",
                 .misses = {{"tenant_isolation",
                             "others.latency.p95 / tenants_alone.latency.p95 "
                             "<= 1.2"}}}}},
      {.name = "ClassifierThatTakesNoCalls",
       .behavior = "classifier: {tenant_rate: 1, tenant_burst: 1}",
       .suite = "salestalk-backoff",
       .runs = {{.load = "",
                 .misses = {{"exponential_backoff",
                             "target.classifier.calls == 500",
                             "× RESOURCE_EXHAUSTED"}}}}},
      {.name = "ClassifierThatRefusesWithoutATime",
       .behavior =
           "classifier: {faults: [{rate: 50%, status: RESOURCE_EXHAUSTED}]}",
       .suite = "salestalk-backoff",
       .runs = {{.load = "iterations: 40",
                 .misses = {{"rate_limit",
                             "target.classifier.calls <= 1.1 * calls.ok"}}}}},
      {.name = "ClassifierThatHolds",
       .behavior = "classifier: {delay: 3s}",
       .suite = "salestalk-budget",
       .runs = {{.load = "burst: 20000",
                 .misses = {{"memory_during_classification",
                             "resources.memory_more.max < 50MB"}},
                 .rounds = 1}}},
  };
  return breakages;
}

INSTANTIATE_TEST_SUITE_P(SalesTalk, BrokenTargets,
                         ::testing::ValuesIn(Breakages()), NameOf);

}  // namespace
}  // namespace perfrig
