// Sparkle's suites of processes, sessions, phases and improvements, on broken
// targets.
#include "tests/integration/broken_targets.h"

namespace perfrig {
namespace {

const std::vector<Breakage>& Breakages() {
  static const auto& breakages = *new std::vector<Breakage>{
      {.name = "GatewayThatTakesFewSessions",
       .behavior = "gateway: {sessions: 10}",
       .suite = "sparkle-sessions",
       .runs = {{.load = "",
                 .misses = {{"scaling_1000", "success.rate == 100%",
                             "success below 95 %"}}}}},
      {.name = "SessionsWithAModelThatIsSlow",
       .behavior = "orchestrator: {delay: 1s}",
       .suite = "sparkle-sessions",
       .runs = {{.load = "",
                 .misses = {{"scaling_1000", "message_latency.p95 < 400ms"}}}}},
      {.name = "FewSessionsOfUsers",
       .behavior = "gateway: {sessions: 10}",
       .suite = "sparkle-users",
       .runs = {{.load = "",
                 .misses = {{"sessions_20", "success.rate == 100%"}}}}},
      {.name = "UsersOfAProcessThatFails",
       .behavior = "orchestrator: {faults: [{rate: 50%, status: UNAVAILABLE}]}",
       .suite = "sparkle-users",
       .runs = {{.load = "",
                 .misses = {{"users_100", "success.rate > 90%",
                             "success below 95 %"}}}}},
      {.name = "PhasesThatAreLong",
       .behavior = "orchestrator: {delay: 300ms}\n"
                   "database: {capacity: 1}",
       .suite = "sparkle-phases",
       .runs = {{.load = "users: 50 iterations: 100",
                 .misses = {{"bottlenecks", "send.phase.chat.p95 < 200ms"},
                            {"bottlenecks",
                             "send.phase.database.p95 < 50ms"}}}}},
      {.name = "FastClientsOfAModelThatIsSlow",
       .behavior = "orchestrator: {delay: 900ms}",
       .suite = "sparkle-stress",
       .runs = {{.load = "",
                 .misses = {{"slow_clients", "fast.latency.p95 < 200ms"}}}}},
      {.name = "LessonsThatAreNotKept",
       .behavior = "cache: {ttl: 1ms}",
       .suite = "sparkle-cache",
       .runs = {{.load = "",
                 .misses = {{"size_small", "hit.rate > 90%"},
                            {"size_small", "mixed_small.hit.rate >= 40%"}}}}},
      {.name = "InstancesWithAModelThatIsSlow",
       .behavior = "orchestrator: {delay: 300ms}",
       .suite = "sparkle-scale-out",
       .runs = {{.load = "duration: {seconds: 1}",
                 .misses = {{"instances_1", "throughput >= 95/s"}}}}},
      {.name = "ProcessThatHoldsWhatItIsSent",
       .behavior = "orchestrator: {delay: 3s}\n"
                   "database: {capacity: 0}",
       .suite = "sparkle-memory",
       .runs = {{.load = "burst: 20000",
                 .misses = {{"baseline", "resources.memory_more.max < 100MB"}},
                 .rounds = 1}}},
      {.name = "CompressionForAModelThatIsSlow",
       .behavior = "orchestrator: {delay: 1s}",
       .suite = "sparkle-whatif",
       .runs = {{.load = "duration: {seconds: 1}",
                 .misses = {{"compression",
                             "throughput / compression_before.throughput >= "
                             "1.3"}}}}},
      {.name = "ReplicasOfADatabaseThatFails",
       .behavior = "database: {faults: [{rate: 20%, status: UNAVAILABLE}]}",
       .suite = "sparkle-whatif",
       .runs = {{.load = "", .misses = {{"replicas", "errors.rate == 0"}}}}},
  };
  return breakages;
}

INSTANTIATE_TEST_SUITE_P(SparkleAtScale, BrokenTargets,
                         ::testing::ValuesIn(Breakages()), NameOf);

}  // namespace
}  // namespace perfrig
