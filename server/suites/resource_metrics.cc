#include "server/suites/resource_metrics.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"

namespace perfrig::suites {
namespace {

constexpr std::string_view kResources = "resources.";

const std::vector<MetricInfo>& Resources() {
  using enum MetricKind;
  static const auto& all = *new std::vector<MetricInfo>{
      {"memory", kObserved, Unit::kBytes},
      {"memory_more", kObserved, Unit::kBytes},
      {"memory_growth", kNumber, Unit::kBytes},
      {"cpu", kObserved, Unit::kNone},
      {"disk_read", kObserved, Unit::kBytes},
      {"disk_written", kObserved, Unit::kBytes},
      {"files", kObserved, Unit::kNone},
      {"threads", kObserved, Unit::kNone},
  };
  return all;
}

}  // namespace

absl::StatusOr<MetricInfo> FindResourceMetric(std::string_view name,
                                              bool /*own_targets*/) {
  const std::string resource(name.starts_with(kResources)
                                 ? name.substr(kResources.size())
                                 : std::string_view());
  std::vector<std::string> names;
  for (const MetricInfo& info : Resources()) {
    if (info.name == resource) {
      return MetricInfo{std::string(name), info.kind, info.unit};
    }
    names.push_back(info.name);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown resource \"", resource, "\"", DidYouMean(resource, names)));
}

}  // namespace perfrig::suites
