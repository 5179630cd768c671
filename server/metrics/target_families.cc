#include "server/metrics/target_families.h"

#include <cstdint>
#include <string>

#include "server/metrics/family.h"

namespace perfrig::metrics {
namespace {

BucketCounts Buckets(const v1::Distribution& times,
                     const std::vector<Nanos>& bounds) {
  BucketCounts counts(bounds);
  counts.Add(times);
  return counts;
}

std::string TargetName(const v1::Target& target) {
  return target.name().substr(target.name().find('/') + 1);
}

void AddCalls(const std::vector<v1::Target>& targets,
              std::vector<prometheus::MetricFamily>& families) {
  Family calls = MakeCounter("perfrig_target_calls_total",
                             "Calls that a target answered, by gRPC status.");
  Family in_flight = MakeGauge("perfrig_target_in_flight",
                               "Calls that are answered or wait now.");
  Family waiting = MakeGauge("perfrig_target_queue_length",
                             "Calls that wait for capacity now.");
  Family faults = MakeCounter("perfrig_target_faults_total",
                              "Faults that a target injected, by kind.");
  for (const v1::Target& target : targets) {
    const std::string name = TargetName(target);
    const v1::TargetStatistics& statistics = target.statistics();
    for (const auto& [code, count] : statistics.finished()) {
      calls.Add({{"target", name}, {"code", code}}, static_cast<double>(count));
    }
    in_flight.Add({{"target", name}},
                  static_cast<double>(statistics.in_flight()));
    waiting.Add({{"target", name}}, static_cast<double>(statistics.waiting()));
    for (const auto& [fault, count] : statistics.faults()) {
      faults.Add({{"target", name}, {"fault", fault}},
                 static_cast<double>(count));
    }
  }
  for (Family* family : {&calls, &in_flight, &waiting, &faults}) {
    family->MoveTo(families);
  }
}

// What only some targets have.
void AddOwn(const std::vector<v1::Target>& targets,
            std::vector<prometheus::MetricFamily>& families) {
  Family connections = MakeGauge("perfrig_pool_connections",
                                 "Connections of a target that are in use.");
  Family capacity =
      MakeGauge("perfrig_pool_capacity",
                "Connections that a target has at most; 0: no limit.");
  Family waiting = MakeGauge("perfrig_pool_waiting",
                             "Calls that wait for a connection now.");
  Family requests =
      MakeCounter("perfrig_cache_requests_total",
                  "Look-ups in a target's cache, by what came of them.");
  Family bytes =
      MakeGauge("perfrig_cache_bytes", "Bytes that a target's cache keeps.");
  Family sessions =
      MakeGauge("perfrig_sessions_open", "Sessions of a target that are open.");
  Family tokens =
      MakeCounter("perfrig_tokens_total",
                  "Tokens of prompts and completions that a target counted.");
  for (const v1::Target& target : targets) {
    const std::string name = TargetName(target);
    const v1::TargetStatistics& statistics = target.statistics();
    const auto add = [&](Family& family, std::uint64_t value) {
      family.Add({{"target", name}}, static_cast<double>(value));
    };
    if (statistics.has_pool()) {
      add(connections, statistics.pool().connections());
      add(capacity, statistics.pool().capacity());
      add(waiting, statistics.pool().waiting());
    }
    if (statistics.has_cache()) {
      requests.Add({{"target", name}, {"result", "hit"}},
                   static_cast<double>(statistics.cache().hits()));
      requests.Add({{"target", name}, {"result", "miss"}},
                   static_cast<double>(statistics.cache().misses()));
      add(bytes, statistics.cache().bytes());
    }
    if (statistics.has_sessions_open()) {
      add(sessions, statistics.sessions_open());
    }
    if (statistics.has_tokens()) add(tokens, statistics.tokens());
  }
  for (Family* family : {&connections, &capacity, &waiting, &requests, &bytes,
                         &sessions, &tokens}) {
    family->MoveTo(families);
  }
}

}  // namespace

void AddTargetFamilies(const std::vector<v1::Target>& targets,
                       std::vector<prometheus::MetricFamily>& families) {
  AddCalls(targets, families);
  Family delay = MakeHistogram("perfrig_target_delay_seconds",
                               "Delay that a target was asked to inject.");
  Family lateness =
      MakeHistogram("perfrig_target_lateness_seconds",
                    "Achieved less injected delay: a target's own error.");
  Family phases = MakeHistogram("perfrig_target_phase_seconds",
                                "Where the time of a target's calls went.");
  for (const v1::Target& target : targets) {
    const std::string name = TargetName(target);
    const v1::TargetStatistics& statistics = target.statistics();
    delay.Add({{"target", name}},
              Buckets(statistics.injected(), LatencyBounds()));
    lateness.Add({{"target", name}},
                 Buckets(statistics.lateness(), ErrorBounds()));
    for (const auto& [phase, times] : statistics.phases()) {
      phases.Add({{"target", name}, {"phase", phase}},
                 Buckets(times, LatencyBounds()));
    }
  }
  delay.MoveTo(families);
  lateness.MoveTo(families);
  phases.MoveTo(families);
  AddOwn(targets, families);
}

}  // namespace perfrig::metrics
