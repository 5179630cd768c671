#include "server/runs/named_metrics.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/suites/figure.h"
#include "server/suites/metric_families.h"
#include "server/suites/target_metrics.h"

namespace perfrig::runs {
namespace {

constexpr std::string_view kPhase = "phase.";
constexpr std::string_view kTarget = "target.";
constexpr std::string_view kResources = "resources.";

bool AnyBegins(const std::set<std::string>& names, std::string_view word) {
  const auto first = names.lower_bound(std::string(word));
  return first != names.end() && first->starts_with(word);
}

void Observe(const std::string& name,
             google::protobuf::RepeatedPtrField<v1::Call>& calls) {
  for (v1::Call& call : calls) {
    v1::Observe& observe = *call.add_observe();
    observe.set_name(name);
    observe.set_path(name);
  }
}

}  // namespace

NamedMetrics MetricsNamed(const std::vector<SelectedSuite>& selected) {
  NamedMetrics named;
  for (const SelectedSuite& chosen : selected) {
    const v1::Suite& suite = chosen.suite;
    for (const v1::Test& test : suite.tests()) {
      const auto figures = suites::FiguresNamed(suite, test);
      // Judging says what is wrong.
      if (!figures.ok()) continue;
      for (const suites::MetricRef& ref : *figures) {
        if (!suites::InMetricFamily(ref.metric)) continue;
        named[{ref.suite.empty() ? suite.name()
                                 : absl::StrCat("suites/", ref.suite),
               ref.test.empty() ? test.name() : ref.test}]
            .insert(ref.metric);
      }
    }
  }
  return named;
}

void ObservePhases(const std::set<std::string>& names, v1::Test& test) {
  for (const std::string& name : names) {
    if (!name.starts_with(kPhase)) continue;
    Observe(name, *test.mutable_calls());
    for (v1::Group& group : *test.mutable_groups()) {
      Observe(name, *group.mutable_calls());
    }
  }
}

bool NamesTargets(const std::set<std::string>& names) {
  return AnyBegins(names, kTarget);
}

bool NamesResources(const std::set<std::string>& names) {
  return AnyBegins(names, kResources);
}

absl::Status TargetSpan::Begin() {
  if (!NamesTargets(names_)) return absl::OkStatus();
  ASSIGN_OR_RETURN(begin_, control_->List());
  return absl::OkStatus();
}

absl::Status TargetSpan::End(v1::Figures& figures) {
  if (!NamesTargets(names_)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<v1::Target> end, control_->List());
  for (const std::string& name : names_) {
    if (!name.starts_with(kTarget)) continue;
    ASSIGN_OR_RETURN((*figures.mutable_observed())[name],
                     suites::ReadTargetMetric(name, begin_, end));
  }
  return absl::OkStatus();
}

}  // namespace perfrig::runs
