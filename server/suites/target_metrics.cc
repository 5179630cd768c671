#include "server/suites/target_metrics.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "server/suites/mock_targets.h"

namespace perfrig::suites {
namespace {

constexpr std::string_view kStatus = "status.";
constexpr std::string_view kFaults = "faults.";
constexpr std::string_view kState = "state.";

// What has happened, and out of how many where it is a share; for a gauge only
// the one at the end counts.
struct Reading {
  double value = 0;
  double out_of = 0;
};
using Read = std::optional<Reading> (*)(const v1::Target& target);

struct Statistic {
  std::string_view name;
  MetricKind kind;
  Unit unit;
  Read read;
};

Reading Plain(std::uint64_t value) { return {static_cast<double>(value)}; }

std::uint64_t SumOf(
    const google::protobuf::Map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

std::optional<Reading> ReadPool(const v1::Target& target,
                                std::uint64_t (v1::PoolStatistics::*get)()
                                    const) {
  if (!target.statistics().has_pool()) return std::nullopt;
  return Plain((target.statistics().pool().*get)());
}

std::optional<Reading> ReadCache(const v1::Target& target,
                                 std::uint64_t (v1::CacheStatistics::*get)()
                                     const) {
  if (!target.statistics().has_cache()) return std::nullopt;
  return Plain((target.statistics().cache().*get)());
}

// proto/perfrig/v1/target.proto tells what each means.
constexpr std::array kStatistics = {
    Statistic{"calls", MetricKind::kCount, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                return Plain(target.statistics().started());
              }},
    Statistic{"finished", MetricKind::kCount, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                return Plain(SumOf(target.statistics().finished()));
              }},
    Statistic{"in_flight", MetricKind::kNumber, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                return Plain(target.statistics().in_flight());
              }},
    Statistic{"waiting", MetricKind::kNumber, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                return Plain(target.statistics().waiting());
              }},
    Statistic{"faults", MetricKind::kCount, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                return Plain(SumOf(target.statistics().faults()));
              }},
    Statistic{"pool.connections", MetricKind::kNumber, Unit::kNone,
              [](const v1::Target& target) {
                return ReadPool(target, &v1::PoolStatistics::connections);
              }},
    Statistic{"pool.capacity", MetricKind::kNumber, Unit::kNone,
              [](const v1::Target& target) {
                return ReadPool(target, &v1::PoolStatistics::capacity);
              }},
    Statistic{"pool.waiting", MetricKind::kNumber, Unit::kNone,
              [](const v1::Target& target) {
                return ReadPool(target, &v1::PoolStatistics::waiting);
              }},
    Statistic{"cache.hits", MetricKind::kCount, Unit::kNone,
              [](const v1::Target& target) {
                return ReadCache(target, &v1::CacheStatistics::hits);
              }},
    Statistic{"cache.misses", MetricKind::kCount, Unit::kNone,
              [](const v1::Target& target) {
                return ReadCache(target, &v1::CacheStatistics::misses);
              }},
    Statistic{
        "cache.hit_rate", MetricKind::kPlainShare, Unit::kNone,
        [](const v1::Target& target) -> std::optional<Reading> {
          if (!target.statistics().has_cache()) return std::nullopt;
          const v1::CacheStatistics& cache = target.statistics().cache();
          const auto hits = static_cast<double>(cache.hits());
          return Reading{hits, hits + static_cast<double>(cache.misses())};
        }},
    Statistic{"cache.bytes", MetricKind::kNumber, Unit::kBytes,
              [](const v1::Target& target) {
                return ReadCache(target, &v1::CacheStatistics::bytes);
              }},
    Statistic{"sessions_open", MetricKind::kNumber, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                if (!target.statistics().has_sessions_open()) {
                  return std::nullopt;
                }
                return Plain(target.statistics().sessions_open());
              }},
    Statistic{"tokens", MetricKind::kCount, Unit::kNone,
              [](const v1::Target& target) -> std::optional<Reading> {
                if (!target.statistics().has_tokens()) return std::nullopt;
                return Plain(target.statistics().tokens());
              }},
};

// "config" and "cache.hit_rate" of "target.config.cache.hit_rate".
struct Named {
  std::string target;
  std::string_view statistic;
};

absl::StatusOr<Named> Split(std::string_view name) {
  const std::size_t first = name.find('.');
  const std::size_t second =
      first == std::string_view::npos ? first : name.find('.', first + 1);
  if (second == std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("a target's figure is written target.NAME.STATISTIC, got ",
                     std::string(name)));
  }
  return Named{std::string(name.substr(first + 1, second - first - 1)),
               name.substr(second + 1)};
}

const Statistic* FindStatistic(std::string_view name) {
  const auto* const found = std::find_if(
      kStatistics.begin(), kStatistics.end(),
      [&](const Statistic& statistic) { return statistic.name == name; });
  return found == kStatistics.end() ? nullptr : found;
}

std::vector<std::string> StatisticNames() {
  std::vector<std::string> names;
  for (const Statistic& statistic : kStatistics) {
    names.emplace_back(statistic.name);
  }
  for (const std::string_view status : kStatusNames) {
    names.push_back(absl::StrCat(std::string(kStatus), std::string(status)));
  }
  return names;
}

const v1::Target* FindTarget(const std::vector<v1::Target>& targets,
                             const std::string& name) {
  const auto found =
      std::find_if(targets.begin(), targets.end(), [&](const v1::Target& each) {
        return each.name() == absl::StrCat("targets/", name);
      });
  return found == targets.end() ? nullptr : &*found;
}

absl::Status NoTarget(const std::string& name,
                      const std::vector<std::string>& known) {
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no target \"", name, "\"", DidYouMean(name, known)));
}

// "tiers.l1.hits" in structs within each other; null where there is none.
const google::protobuf::Value* FindState(const google::protobuf::Struct& state,
                                         std::string_view path) {
  const std::size_t dot = path.find('.');
  const auto found = state.fields().find(std::string(path.substr(0, dot)));
  if (found == state.fields().end()) return nullptr;
  if (dot == std::string_view::npos) return &found->second;
  if (!found->second.has_struct_value()) return nullptr;
  return FindState(found->second.struct_value(), path.substr(dot + 1));
}

absl::StatusOr<Reading> ReadState(const v1::Target& target,
                                  std::string_view path) {
  const google::protobuf::Value* value = FindState(target.state(), path);
  if (value != nullptr && value->has_number_value()) {
    return Reading{value->number_value()};
  }
  if (value != nullptr && value->has_bool_value()) {
    return Reading{value->bool_value() ? 1.0 : 0.0};
  }
  std::vector<std::string> names;
  for (const auto& [name, each] : target.state().fields()) {
    if (each.has_number_value()) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return absl::FailedPreconditionError(
      absl::StrCat(target.name(), " tells no number \"", std::string(path),
                   "\" of its state", DidYouMean(path, names)));
}

double CountIn(const google::protobuf::Map<std::string, std::uint64_t>& counts,
               std::string_view name) {
  const auto found = counts.find(std::string(name));
  return found == counts.end() ? 0 : static_cast<double>(found->second);
}

absl::StatusOr<Reading> ReadNow(const v1::Target& target,
                                std::string_view statistic) {
  const v1::TargetStatistics& statistics = target.statistics();
  if (statistic.starts_with(kStatus)) {
    return Reading{
        CountIn(statistics.finished(), statistic.substr(kStatus.size()))};
  }
  if (statistic.starts_with(kFaults)) {
    return Reading{
        CountIn(statistics.faults(), statistic.substr(kFaults.size()))};
  }
  if (statistic.starts_with(kState)) {
    return ReadState(target, statistic.substr(kState.size()));
  }
  if (const auto reading = FindStatistic(statistic)->read(target)) {
    return *reading;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(target.name(), " has no ", std::string(statistic)));
}

v1::Observed ToObserved(double sum, double count) {
  v1::Observed observed;
  observed.set_count(static_cast<std::uint64_t>(count));
  if (count == 0) return observed;
  const double mean = sum / count;
  observed.set_sum(sum);
  observed.set_mean(mean);
  observed.set_min(mean);
  observed.set_max(mean);
  observed.set_p50(mean);
  observed.set_p90(mean);
  observed.set_p95(mean);
  observed.set_p99(mean);
  observed.set_p999(mean);
  return observed;
}

}  // namespace

absl::StatusOr<MetricInfo> FindTargetMetric(std::string_view name,
                                            bool own_targets) {
  ASSIGN_OR_RETURN(const Named named, Split(name));
  const auto& targets = MockTargets();
  if (own_targets && std::find(targets.begin(), targets.end(), named.target) ==
                         targets.end()) {
    return NoTarget(named.target, targets);
  }
  const std::string_view statistic = named.statistic;
  MetricInfo info{std::string(name), MetricKind::kCount, Unit::kNone};
  if (statistic.starts_with(kState)) {
    info.kind = MetricKind::kNumber;
    return info;
  }
  if (statistic.starts_with(kFaults)) return info;
  const bool is_status =
      statistic.starts_with(kStatus) &&
      StatusCode(statistic.substr(kStatus.size())).has_value();
  if (is_status) return info;
  const Statistic* found = FindStatistic(statistic);
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("a target has no statistic \"", std::string(statistic),
                     "\"", DidYouMean(statistic, StatisticNames())));
  }
  info.kind = found->kind;
  info.unit = found->unit;
  return info;
}

absl::StatusOr<v1::Observed> ReadTargetMetric(
    std::string_view name, const std::vector<v1::Target>& begin,
    const std::vector<v1::Target>& end) {
  ASSIGN_OR_RETURN(const Named named, Split(name));
  ASSIGN_OR_RETURN(const MetricInfo info, FindTargetMetric(name, false));
  const v1::Target* target = FindTarget(end, named.target);
  if (target == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no target \"", named.target, "\""));
  }
  ASSIGN_OR_RETURN(Reading reading, ReadNow(*target, named.statistic));
  if (info.kind == MetricKind::kNumber) return ToObserved(reading.value, 1);
  // One that was reset since counts from 0.
  if (const v1::Target* before = FindTarget(begin, named.target)) {
    ASSIGN_OR_RETURN(const Reading first, ReadNow(*before, named.statistic));
    if (first.value <= reading.value && first.out_of <= reading.out_of) {
      reading.value -= first.value;
      reading.out_of -= first.out_of;
    }
  }
  const bool share = info.kind == MetricKind::kPlainShare;
  return ToObserved(reading.value, share ? reading.out_of : 1);
}

}  // namespace perfrig::suites
