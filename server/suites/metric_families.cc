#include "server/suites/metric_families.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/suites/resource_metrics.h"
#include "server/suites/target_metrics.h"

namespace perfrig::suites {
namespace {

// Where a call's time went, as the trailer of its answer tells.
absl::StatusOr<MetricInfo> FindPhase(std::string_view name, bool) {
  const std::string_view phase = name.substr(name.find('.') + 1);
  if (name == "phase" || phase.find('.') != std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a phase is written phase.NAME.AGGREGATE, got ", std::string(name)));
  }
  return MetricInfo{std::string(name), MetricKind::kObserved, Unit::kSeconds};
}

struct Family {
  std::string_view word;
  absl::StatusOr<MetricInfo> (*find)(std::string_view name, bool own_targets);
  // Of the whole test, not of one of its steps.
  bool whole;
  // Of processes that this daemon can look into.
  bool own_processes;
};

constexpr std::array kFamilies = {
    Family{"phase", FindPhase, false, false},
    Family{"resources", FindResourceMetric, true, true},
    Family{"target", FindTargetMetric, true, false},
};

const Family* FamilyOf(std::string_view name) {
  const std::string_view word = name.substr(0, name.find('.'));
  const auto* const found =
      std::find_if(kFamilies.begin(), kFamilies.end(),
                   [&](const Family& family) { return family.word == word; });
  return found == kFamilies.end() ? nullptr : found;
}

}  // namespace

bool IsMetricFamily(std::string_view part) {
  return FamilyOf(part) != nullptr && part.find('.') == std::string_view::npos;
}

bool InMetricFamily(std::string_view name) { return FamilyOf(name) != nullptr; }

absl::StatusOr<MetricInfo> FindFamilyMetric(std::string_view name,
                                            bool own_targets) {
  return FamilyOf(name)->find(name, own_targets);
}

bool IsOfWholeTest(std::string_view name) {
  const Family* family = FamilyOf(name);
  return family != nullptr && family->whole;
}

bool IsOfOwnProcesses(std::string_view name) {
  const Family* family = FamilyOf(name);
  return family != nullptr && family->own_processes;
}

std::string TakeFamilyAggregate(std::vector<std::string>& parts) {
  // A statistic may be called like an aggregate, and has the one only.
  if (parts[0] == "target") {
    if (parts.size() < 4 || parts.back() != "per_second") return "";
    parts.pop_back();
    return "per_second";
  }
  // "phase.NAME.p99.9"
  const std::size_t left = parts.size() < 3 ? 0 : parts.size() - 2;
  if (left > 1) {
    std::string both = absl::StrCat(parts[left], ".", parts[left + 1]);
    if (QuantileOf(both).has_value()) {
      parts.resize(left);
      return both;
    }
  }
  if (parts.size() < 3 || !IsAggregate(parts.back())) return "";
  std::string aggregate = std::move(parts.back());
  parts.pop_back();
  return aggregate;
}

}  // namespace perfrig::suites
