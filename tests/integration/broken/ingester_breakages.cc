// The ingester's suites, on broken targets.
#include "tests/integration/broken/breakage.h"

namespace perfrig {

std::vector<Breakage> IngesterBreakages() {
  return {
      {.name = "IngesterOverASlowStore",
       .behavior = "object_store: {delay: 600ms}",
       .suite = "ingester-benchmark",
       .runs =
           {{.load = "users: 15 iterations: 75",
             .misses = {{"upload_latency_small_file", "latency.avg < 50ms",
                         "object_store took"},
                        {"upload_latency_small_file", "latency.p95 < 100ms"},
                        {"upload_latency_medium_file", "latency.avg < 200ms"},
                        {"upload_latency_medium_file", "latency.p95 < 400ms"}},
             .rounds = 1},
            {.load = "users: 2 iterations: 6",
             .misses = {{"upload_latency_large_file", "latency.avg < 500ms",
                         "object_store took"}},
             .rounds = 1}}},
      {.name = "TokensThatTakeLong",
       .behavior = "ingest: {delay: 100ms}",
       .suite = "ingester-benchmark",
       .runs = {{.load = "users: 5 iterations: 75",
                 .misses = {{"jwt_validation_latency", "latency.avg < 10ms",
                             "work took"},
                            {"jwt_validation_latency", "latency.p95 < 20ms"}},
                 .rounds = 1}}},
      {.name = "UploadsIntoASlowStore",
       .behavior = "object_store: {delay: 2s}",
       .suite = "ingester-load",
       .runs =
           {{.load = "users: 50 iterations: 50",
             .misses = {{"concurrent_uploads_10_users", "throughput > 50/s",
                         "object_store took"},
                        {"concurrent_uploads_10_users", "latency.avg < 200ms"},
                        {"concurrent_uploads_50_users", "throughput > 100/s"},
                        {"concurrent_uploads_50_users",
                         "latency.avg < 500ms"}}}}},
      {.name = "IngesterThatTakesFewAtOnce",
       .behavior = "ingest: {capacity: 1, queue_limit: 1}",
       .suite = "ingester-load",
       .runs = {{.load = "",
                 .misses = {{"concurrent_uploads_10_users",
                             "success.rate > 95%", "× RESOURCE_EXHAUSTED"},
                            {"concurrent_uploads_50_users",
                             "success.rate > 90%", "success below 95 %"}}}}},
      {.name = "StressOnASlowStore",
       .behavior = "object_store: {delay: 3s}",
       .suite = "ingester-future",
       .runs = {{.load = "iterations: 200",
                 .misses = {{"stress_200_users", "throughput > 100/s",
                             "object_store took"}}},
                {.load = "duration { seconds: 1 }",
                 .misses = {{"cpu_profile", "throughput > 100/s",
                             "object_store took"}}}}},
      {.name = "StressOnAStoreThatFails",
       .behavior = "object_store: {faults: [{rate: 50%, status: UNAVAILABLE}]}",
       .suite = "ingester-future",
       .runs = {{.load = "",
                 .misses = {{"stress_200_users", "success.rate > 90%",
                             "success below 95 %"}}}}},
      {.name = "PhonesWithASlowIngester",
       .behavior = "ingest: {delay: 1s}",
       .suite = "ingester-future",
       .runs = {{.load = "users: 25 iterations: 75",
                 .misses = {{"network_3g", "latency.p95 < 800ms"},
                            {"network_4g", "latency.p95 < 1s"}}}}},
  };
}

std::vector<Breakage> IngesterS3Breakages() {
  return {
      {.name = "RealStoreThatIsSlow",
       .behavior = "object_store: {faults: [{rate: 1, slow: 500ms}]}",
       .suite = "ingester-future",
       .runs = {{.load = "users: 2 iterations: 10",
                 .misses = {{"real_storage", "latency.avg < 200ms",
                             "object_store took"}}}}},
  };
}

}  // namespace perfrig
