#include "server/runs/hints.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/time/clock.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {
namespace {

constexpr std::uint64_t kSamplesForP99 = 368;
constexpr std::uint64_t kSamplesForSpread = 36;
constexpr std::uint64_t kLongStreamWaitNs = 1'000'000;
// From this share of the time on a phase dominates.
constexpr double kDominates = 0.5;

// What a target says of the call itself.
constexpr std::string_view kRefusals[] = {
    "INVALID_ARGUMENT", "NOT_FOUND",    "ALREADY_EXISTS", "PERMISSION_DENIED",
    "UNAUTHENTICATED",  "OUT_OF_RANGE", "UNIMPLEMENTED"};

struct Advice {
  std::string_view phase;
  std::string_view text;
};

// Where to look when a phase takes most of the time.
constexpr Advice kAdvice[] = {
    {"queue", "calls wait for their turn: more capacity, or fewer at once"},
    {"work", "the target's own work, not what stands behind it"},
    {"transfer", "moving bytes: smaller messages, compression, bandwidth"},
    {"stall", "the target stands still: collections, locks, its host"},
    {"pool_wait", "waiting for a connection: size of the pool, time held"},
    {"connect", "opening connections: keep them open, in a pool"},
    {"hold", "connections are held for long: give them back earlier"},
    {"first_token", "the model: a smaller one, shorter prompts"},
    {"chat", "the model: a smaller one, shorter prompts"},
    {"provider", "whom the target asks: its latency, a deadline, a cache"},
    {"database",
     "indexes, size of the pool; behind a cache its misses: keys, size, TTL"},
    {"object_store",
     "time to live of what is cached, a CDN; misses of a cache: keys, size"},
    {"cache", "keys, size, serializer of the cache"},
    {"render", "rendering: cache the output"},
    {"parse", "parsing: smaller requests"},
    {"authorize", "authorization: keep what was checked"},
};

using Lines = std::vector<std::string>;

std::string AdviceOn(const std::string& phase) {
  for (const Advice& advice : kAdvice) {
    if (advice.phase == phase) {
      return absl::StrCat(": look at ", std::string(advice.text));
    }
  }
  return "";
}

// The phase that takes most of the time of the calls that were kept.
void AddPhase(const Evidence& evidence, Lines& hints) {
  std::map<std::string, double> phases;
  double all = 0;
  for (const auto* calls : {&evidence.slowest, &evidence.failed}) {
    for (const v1::CallSample& call : *calls) {
      if (call.phases_ns().empty()) continue;
      all += static_cast<double>(call.service_ns());
      for (const auto& [phase, time] : call.phases_ns()) {
        phases[phase] += static_cast<double>(time);
      }
    }
  }
  const auto longest = std::max_element(
      phases.begin(), phases.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  if (longest == phases.end() || longest->second < kDominates * all) return;
  hints.push_back(absl::StrFormat(
      "%s took %.0f %% of the time of the slowest and failed calls%s",
      longest->first, std::min(1.0, longest->second / all) * 100,
      AdviceOn(longest->first)));
}

// Whether most failures are the fault of the calls, whatever the load.
bool MostlyRefused(const v1::Figures& figures) {
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  for (const auto& [status, count] : figures.statuses()) {
    if (status == "OK") continue;
    failed += count;
    if (std::find(std::begin(kRefusals), std::end(kRefusals), status) !=
        std::end(kRefusals)) {
      refused += count;
    }
  }
  return refused * 2 > failed;
}

void AddSuccess(const v1::Figures& figures, Lines& hints) {
  if (figures.planned() == 0 || figures.ok() * 100 >= figures.planned() * 95) {
    return;
  }
  hints.push_back(
      MostlyRefused(figures)
          ? "success below 95 %: the target refuses what the calls ask for"
          : "success below 95 %: the target is overloaded or broken");
}

void AddShape(const v1::Figures& figures, Lines& hints) {
  const v1::Distribution& latency = figures.latency();
  if (latency.count() >= kSamplesForP99 &&
      latency.p99_ns() < static_cast<std::uint64_t>(kNever) &&
      latency.p99_ns() > 3 * latency.p95_ns()) {
    hints.push_back(
        "p99 is over three times p95: outliers, look at errors and stalls");
  }
  if (latency.count() >= kSamplesForSpread &&
      latency.stddev_ns() > latency.mean_ns() / 2) {
    hints.push_back(
        "standard deviation above half the average: latency is inconsistent");
  }
}

void AddTrend(const Evidence& evidence, Lines& hints) {
  const auto knee = evidence.trend.FindKnee();
  if (!knee) return;
  const auto time = [](double nanos) {
    return suites::FormatValue(nanos / 1e9, suites::Unit::kSeconds);
  };
  const std::string level =
      evidence.closed
          ? absl::StrFormat("%.0f users", knee->level)
          : suites::FormatValue(knee->level, suites::Unit::kPerSecond);
  hints.push_back(absl::StrCat("latency rises with the load, on average from ",
                               time(knee->lowest), " to ", time(knee->highest),
                               ": the knee is near ", level));
}

void AddCounts(const v1::Figures& figures, Lines& hints) {
  if (figures.dropped() > 0) {
    hints.push_back(
        absl::StrCat(figures.dropped(), " planned calls were never sent"));
  }
  if (figures.stream_wait().count() > 0 &&
      figures.stream_wait().p95_ns() > kLongStreamWaitNs) {
    hints.push_back(
        "calls waited for the peer's stream limit: more connections help");
  }
}

// The calls that did not end as OK, by status.
std::map<std::string, std::uint64_t> NotOk(const v1::Figures& figures) {
  std::map<std::string, std::uint64_t> counts(figures.statuses().begin(),
                                              figures.statuses().end());
  counts.erase("OK");
  return counts;
}

// By code, with what was said first.
void AddFailures(const Evidence& evidence, Lines& hints) {
  const auto counts = NotOk(evidence.figures);
  std::uint64_t all = 0;
  for (const auto& [status, count] : counts) all += count;
  // More than failed: the test wants some of them.
  const bool some_wanted = all > evidence.figures.failed();
  for (const auto& [status, count] : counts) {
    const bool failed =
        std::any_of(evidence.failed.begin(), evidence.failed.end(),
                    [&](const auto& call) { return call.status() == status; });
    if (some_wanted && !failed) continue;
    std::string hint = absl::StrCat(count, " × ", status);
    for (const v1::CallSample& sample : evidence.failed) {
      if (sample.status() != status || sample.message().empty()) continue;
      absl::StrAppend(&hint, ", first: ", sample.message());
      break;
    }
    hints.push_back(std::move(hint));
  }
}

}  // namespace

std::vector<std::string> Hints(const Evidence& evidence) {
  Lines hints;
  AddPhase(evidence, hints);
  AddSuccess(evidence.figures, hints);
  AddTrend(evidence, hints);
  AddShape(evidence.figures, hints);
  AddCounts(evidence.figures, hints);
  AddFailures(evidence, hints);
  return hints;
}

}  // namespace perfrig::runs
