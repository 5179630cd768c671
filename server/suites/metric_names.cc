#include "server/suites/metric_names.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "server/suites/call_program.h"
#include "server/suites/groups.h"
#include "server/suites/lexer.h"
#include "server/suites/metric_families.h"
#include "server/suites/mock_targets.h"
#include "server/suites/observation.h"

namespace perfrig::suites {
namespace {

constexpr std::string_view kSuitePrefix = "suites/";

std::vector<std::string> Parts(std::string_view name) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = name.find('.');
    parts.emplace_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    name.remove_prefix(dot + 1);
  }
}

std::string Join(const std::string& a, const std::string& b) {
  return absl::StrCat(a, ".", b);
}

// First parts of metrics of two parts.
bool IsFamily(std::string_view part) {
  return part == "calls" || part == "messages" || part == "bytes" ||
         part == "status";
}

// Takes the aggregate off the end, "p99" + "9" included.
std::string TakeAggregate(std::vector<std::string>& parts) {
  if (parts.size() > 2) {
    std::string both = Join(parts.end()[-2], parts.end()[-1]);
    if (QuantileOf(both).has_value()) {
      parts.resize(parts.size() - 2);
      return both;
    }
  }
  if (parts.size() > 1 && IsAggregate(parts.back())) {
    std::string aggregate = std::move(parts.back());
    parts.pop_back();
    return aggregate;
  }
  return "";
}

// All that begins with the word of a family is the metric's name.
std::string TakeFamily(std::vector<std::string>& parts,
                       std::string& aggregate) {
  const auto begin = std::find_if(parts.begin(), parts.end(), IsMetricFamily);
  if (begin == parts.end()) return "";
  std::vector<std::string> own(std::make_move_iterator(begin),
                               std::make_move_iterator(parts.end()));
  parts.erase(begin, parts.end());
  aggregate = TakeFamilyAggregate(own);
  return absl::StrJoin(own, ".");
}

std::string TakeMetric(std::vector<std::string>& parts) {
  std::string metric = std::move(parts.back());
  parts.pop_back();
  if (!parts.empty() && IsFamily(parts.back()) &&
      FindBuiltInMetric(metric) == nullptr) {
    metric = Join(parts.back(), metric);
    parts.pop_back();
  }
  return metric;
}

bool IsSuiteName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(name.begin(), name.end(), allowed) &&
         !std::all_of(name.begin(), name.end(), digit);
}

absl::Status Spaces(std::size_t offset, char c) {
  const std::string sign(1, c);
  return ErrorAt(offset, absl::StrCat("put spaces around ", sign,
                                      " to calculate: a ", sign, " b"));
}

std::vector<std::string> TestNames(const v1::Suite& suite) {
  std::vector<std::string> names;
  for (const v1::Test& test : suite.tests()) names.push_back(test.name());
  return names;
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const v1::Test* FindTest(const v1::Suite& suite, std::string_view name) {
  const auto found =
      std::find_if(suite.tests().begin(), suite.tests().end(),
                   [&](const v1::Test& test) { return test.name() == name; });
  return found == suite.tests().end() ? nullptr : &*found;
}

MetricInfo ObservedInfo(const v1::Observe& observe) {
  // Whatever the response's type is, its numbers have no unit.
  const auto value = Observation::Parse(observe.path(), ResponseType());
  return {observe.name(), MetricKind::kObserved,
          value.ok() ? value->unit() : Unit::kNone};
}

// Built-in metrics, and what the group or step (empty: any) of the test
// observes.
std::optional<MetricInfo> FindMetric(const v1::Test& test,
                                     std::string_view step,
                                     std::string_view name) {
  if (const MetricInfo* metric = FindBuiltInMetric(name)) return *metric;
  if (InMetricFamily(name)) {
    auto metric = FindFamilyMetric(name, false);
    if (!metric.ok()) return std::nullopt;
    return *std::move(metric);
  }
  for (const GroupView& group : GroupsOf(test)) {
    for (const v1::Call& call : *group.calls) {
      if (!step.empty() && step != group.name &&
          step != FiguresName(group, call)) {
        continue;
      }
      for (const v1::Observe& observe : call.observe()) {
        if (observe.name() == name) return ObservedInfo(observe);
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> MetricNames(const v1::Test& test) {
  std::vector<std::string> names = BuiltInMetrics();
  for (const std::string& name : ObserveNames(test)) names.push_back(name);
  return names;
}

std::string Examples(const MetricInfo& metric) {
  std::string text;
  for (const std::string& name : AggregatesOf(metric.kind)) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", metric.name, ".", name);
    if (text.size() > 50) return absl::StrCat(text, ", …");
  }
  return text;
}

absl::Status CheckAggregate(const MetricInfo& metric,
                            std::string_view aggregate, std::size_t offset) {
  if (HasAggregate(metric.kind, aggregate)) return absl::OkStatus();
  if (aggregate.empty()) {
    return ErrorAt(
        offset,
        absl::StrCat(metric.name, " needs an aggregate: ", Examples(metric)));
  }
  const std::string got(aggregate);
  if (AggregatesOf(metric.kind).empty()) {
    return ErrorAt(offset,
                   absl::StrCat(metric.name, " takes no aggregate, got ", got));
  }
  return ErrorAt(
      offset, absl::StrCat("unknown aggregate \"", got, "\" of ", metric.name,
                           "; it has ", Examples(metric)));
}

// An unknown metric right after a known one is an aggregate misspelled.
absl::Status UnknownMetric(const MetricRef& ref, const v1::Test& test) {
  const std::string& before = ref.step.empty() ? ref.test : ref.step;
  auto metric = FindMetric(test, "", before);
  if (!metric.has_value()) {
    metric = FindMetric(test, "", Join(ref.test, ref.step));
  }
  if (metric.has_value()) {
    RETURN_IF_ERROR(CheckAggregate(*metric, ref.metric, ref.offset));
    return ErrorAt(ref.offset, absl::StrCat(metric->name, ".", ref.metric,
                                            " takes no further aggregate"));
  }
  return ErrorAt(ref.offset,
                 absl::StrCat("unknown metric \"", ref.metric, "\"",
                              DidYouMean(ref.metric, MetricNames(test))));
}

// Of another suite that nobody here knows.
absl::StatusOr<ResolvedMetric> ResolveUnseen(const MetricRef& ref) {
  ResolvedMetric result{ref, {ref.metric, MetricKind::kObserved, Unit::kNone}};
  const auto metric = FindMetric(v1::Test(), "", ref.metric);
  result.known = metric.has_value();
  if (metric.has_value()) result.info = *metric;
  RETURN_IF_ERROR(CheckAggregate(result.info, ref.aggregate, ref.offset));
  return result;
}

// Of the parts before the metric.
std::string BeforeMetric(const MetricRef& ref) {
  return ref.step.empty() ? ref.test : Join(ref.test, ref.step);
}

// Settles which test is meant; a group or step of the test itself wins.
absl::StatusOr<const v1::Test*> SettleTest(MetricRef& ref,
                                           const v1::Suite& suite,
                                           const v1::Test& test) {
  if (ref.test.empty()) return &test;
  const std::vector<std::string> steps = FiguresNames(test);
  if (Contains(steps, BeforeMetric(ref))) {
    ref.step = BeforeMetric(ref);
    ref.test.clear();
    return &test;
  }
  if (ref.test == test.name()) {
    ref.test.clear();
    return &test;
  }
  const v1::Test* found = FindTest(suite, ref.test);
  if (found != nullptr) return found;
  // More helpful than an unknown test: "latency.p9x" is a bad aggregate.
  const std::string& before = ref.step.empty() ? ref.test : ref.step;
  if (!FindMetric(test, "", ref.metric).has_value() &&
      (FindMetric(test, "", before).has_value() || IsFamily(ref.test))) {
    return UnknownMetric(ref, test);
  }
  std::vector<std::string> names = TestNames(suite);
  if (ref.step.empty()) {
    std::copy(steps.begin(), steps.end(), std::back_inserter(names));
  }
  return ErrorAt(ref.offset,
                 absl::StrCat("unknown test, group or step \"", ref.test, "\"",
                              DidYouMean(ref.test, names)));
}

absl::Status CheckStep(const MetricRef& ref, const v1::Test& owner) {
  if (ref.step.empty()) return absl::OkStatus();
  const std::vector<std::string> steps = FiguresNames(owner);
  if (!Contains(steps, ref.step)) {
    if (!FindMetric(owner, "", ref.metric).has_value() &&
        FindMetric(owner, "", ref.step).has_value()) {
      return UnknownMetric(ref, owner);
    }
    const char* kind = owner.groups().empty() ? "step" : "group or step";
    return ErrorAt(ref.offset, absl::StrCat("test \"", owner.name(),
                                            "\" has no ", kind, " \"", ref.step,
                                            "\"", DidYouMean(ref.step, steps)));
  }
  if (ref.metric == "connect" || ref.metric == "reconnects" ||
      ref.metric == "search.rate" || IsOfWholeTest(ref.metric)) {
    return ErrorAt(ref.offset, absl::StrCat(ref.metric,
                                            " is of the whole test, not of a "
                                            "part: name it without \"",
                                            ref.step, "\""));
  }
  return absl::OkStatus();
}

// Of the settled step, or of the whole test.
absl::StatusOr<ResolvedMetric> ResolveIn(const v1::Suite& suite,
                                         const v1::Test& owner, MetricRef ref) {
  if (InMetricFamily(ref.metric)) {
    const absl::Status known =
        FindFamilyMetric(ref.metric, CallsMockTargets(suite, owner)).status();
    if (!known.ok()) return ErrorAt(ref.offset, std::string(known.message()));
    if (IsOfOwnProcesses(ref.metric) && !CallsMockTargets(suite, owner)) {
      return ErrorAt(ref.offset,
                     absl::StrCat(ref.metric,
                                  " is of processes that perfrig can look "
                                  "into: the target must be self or spawn"));
    }
  }
  RETURN_IF_ERROR(CheckStep(ref, owner));
  if (ref.metric == "search.rate" && !owner.load().has_search()) {
    return ErrorAt(ref.offset, absl::StrCat("test \"", owner.name(),
                                            "\" searches for no rate: its "
                                            "load has no search"));
  }
  std::optional<MetricInfo> metric = FindMetric(owner, ref.step, ref.metric);
  if (!metric.has_value()) return UnknownMetric(ref, owner);
  if ((ref.metric == "goodput" || ref.metric == "good") &&
      owner.good().empty()) {
    return ErrorAt(
        ref.offset,
        absl::StrCat(ref.metric, " needs good: in test \"", owner.name(),
                     "\", as in good: latency < 200ms"));
  }
  RETURN_IF_ERROR(CheckAggregate(*metric, ref.aggregate, ref.offset));
  return ResolvedMetric{std::move(ref), *std::move(metric)};
}

absl::StatusOr<ResolvedMetric> ResolveElsewhere(const MetricRef& ref,
                                                const FindSuite& others) {
  const absl::StatusOr<const v1::Suite*> suite = others(ref.suite);
  if (!suite.ok()) {
    return ErrorAt(ref.offset, std::string(suite.status().message()));
  }
  const v1::Test* owner = FindTest(**suite, ref.test);
  if (owner != nullptr) return ResolveIn(**suite, *owner, ref);
  return ErrorAt(
      ref.offset,
      absl::StrCat("suite \"", ref.suite, "\" has no test \"", ref.test, "\"",
                   DidYouMean(ref.test, TestNames(**suite))));
}

}  // namespace

std::string_view ShortName(std::string_view suite) {
  if (suite.starts_with(kSuitePrefix)) {
    suite.remove_prefix(kSuitePrefix.size());
  }
  return suite;
}

absl::StatusOr<MetricRef> SplitName(std::string_view name, std::size_t offset) {
  MetricRef ref;
  ref.offset = offset;
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos) {
    ref.suite = std::string(name.substr(0, slash));
    name.remove_prefix(slash + 1);
    if (!IsSuiteName(ref.suite) || name.find('/') != std::string_view::npos) {
      return Spaces(offset, '/');
    }
  }
  std::vector<std::string> parts = Parts(name);
  if (Contains(parts, "")) {
    return ErrorAt(
        offset, absl::StrCat("\"", std::string(name), "\" has an empty part"));
  }
  if (name.find_first_of("[]") != std::string_view::npos) {
    return ErrorAt(offset, "a metric's name has no brackets");
  }
  ref.metric = TakeFamily(parts, ref.aggregate);
  if (ref.metric.empty()) {
    ref.aggregate = TakeAggregate(parts);
    ref.metric = TakeMetric(parts);
  }
  if (ref.metric == "availability" && ref.aggregate.empty()) {
    ref.metric = "success";
    ref.aggregate = "rate";
  }
  // Its last part is no aggregate.
  if (ref.metric == "search" && ref.aggregate == "rate") {
    ref.metric = "search.rate";
    ref.aggregate.clear();
  }
  if (ref.metric.find('-') != std::string::npos) return Spaces(offset, '-');
  if (parts.size() > 3) {
    return ErrorAt(offset, absl::StrCat("\"", std::string(name),
                                        "\" has more parts than "
                                        "test.group.step.metric.aggregate"));
  }
  if (!parts.empty()) ref.test = parts[0];
  if (parts.size() == 2) ref.step = parts[1];
  if (parts.size() == 3) ref.step = Join(parts[1], parts[2]);
  if (!ref.suite.empty() && ref.test.empty()) return Spaces(offset, '/');
  return ref;
}

absl::StatusOr<ResolvedMetric> ResolveName(const MetricRef& ref,
                                           const v1::Suite& suite,
                                           const v1::Test& test,
                                           const FindSuite& others) {
  if (!ref.suite.empty() && ref.suite != ShortName(suite.name())) {
    return others ? ResolveElsewhere(ref, others) : ResolveUnseen(ref);
  }
  MetricRef settled = ref;
  settled.suite.clear();
  ASSIGN_OR_RETURN(const v1::Test* owner, SettleTest(settled, suite, test));
  return ResolveIn(suite, *owner, std::move(settled));
}

}  // namespace perfrig::suites
