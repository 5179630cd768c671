#include "server/suites/threshold.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/suites/figure.h"
#include "server/suites/groups.h"
#include "server/suites/lexer.h"
#include "server/suites/metric_families.h"
#include "server/suites/metric_names.h"
#include "server/suites/metric_quantities.h"
#include "server/suites/threshold_parser.h"

namespace perfrig::suites {
namespace {

// Below this relative difference two numbers are the same: what remains of
// calculating with doubles.
constexpr double kSame = 1e-12;

bool Same(double a, double b) {
  return a == b ||
         std::abs(a - b) <= kSame * std::max(std::abs(a), std::abs(b));
}

bool Holds(Comparison comparison, double left, double right) {
  switch (comparison) {
    case Comparison::kLess:
      return left < right && !Same(left, right);
    case Comparison::kLessOrEqual:
      return left <= right || Same(left, right);
    case Comparison::kGreater:
      return left > right && !Same(left, right);
    case Comparison::kGreaterOrEqual:
      return left >= right || Same(left, right);
    case Comparison::kEqual:
      return Same(left, right);
    case Comparison::kNotEqual:
      return !Same(left, right);
  }
  std::abort();
}

// Of the test as a whole or of one of its groups or steps.
bool IsOfTest(const MetricRef& ref, const v1::Test& test) {
  if (!ref.suite.empty()) return false;
  if (ref.test.empty() || ref.test == test.name()) return true;
  const std::vector<std::string> names = FiguresNames(test);
  return std::find(names.begin(), names.end(), ref.test) != names.end();
}

// Whether a check expects a status other than OK.
bool NamesOtherStatus(
    const google::protobuf::RepeatedPtrField<v1::Call>& calls) {
  return std::any_of(calls.begin(), calls.end(), [](const v1::Call& call) {
    const auto& status = call.check().status();
    return std::any_of(status.begin(), status.end(),
                       [](const std::string& name) { return name != "OK"; });
  });
}

bool SpeaksOfErrors(std::string_view metric) {
  return metric == "errors" || metric == "success" ||
         metric == "availability" || metric == "calls.failed" ||
         metric.starts_with("status.");
}

}  // namespace

struct Threshold::Parsed : ParsedThreshold {
  Unit unit = Unit::kNone;
  bool share = false;

  // Both sides with metrics of these units.
  absl::Status SetUnit(const std::vector<Quantity>& quantities) {
    ASSIGN_OR_RETURN(const Quantity of_left, Measure(left, quantities, text));
    ASSIGN_OR_RETURN(const Quantity of_right, Measure(right, quantities, text));
    RETURN_IF_ERROR(
        CheckFit(of_left, left.back(), of_right, right.back(), text));
    const Quantity both = Sum(of_left, of_right);
    unit = UnitOf(both);
    share = unit == Unit::kNone && (of_left.flavor == Flavor::kShare ||
                                    of_right.flavor == Flavor::kShare);
    return absl::OkStatus();
  }
};

Threshold::Threshold(std::unique_ptr<Parsed> parsed)
    : parsed_(std::move(parsed)) {}
Threshold::Threshold(Threshold&&) noexcept = default;
Threshold& Threshold::operator=(Threshold&&) noexcept = default;
Threshold::~Threshold() = default;

absl::StatusOr<Threshold> Threshold::Parse(std::string_view text) {
  ASSIGN_OR_RETURN(ParsedThreshold parsed, ParseThreshold(text));
  auto result = std::make_unique<Parsed>();
  static_cast<ParsedThreshold&>(*result) = std::move(parsed);
  RETURN_IF_ERROR(result->SetUnit(GuessQuantities(result->metrics)));
  return Threshold(std::move(result));
}

absl::Status Threshold::Resolve(const v1::Suite& suite, const v1::Test& test,
                                const FindSuite& others) {
  ASSIGN_OR_RETURN(ResolvedMetrics resolved,
                   ResolveNames(parsed_->metrics, suite, test, others));
  RETURN_IF_ERROR(parsed_->SetUnit(resolved.quantities));
  parsed_->metrics = std::move(resolved.metrics);
  return absl::OkStatus();
}

const std::string& Threshold::text() const { return parsed_->text; }

const std::vector<MetricRef>& Threshold::metrics() const {
  return parsed_->metrics;
}

Unit Threshold::unit() const { return parsed_->unit; }

bool Threshold::is_share() const { return parsed_->share; }

bool Threshold::upper_bound() const {
  return parsed_->comparison == Comparison::kLess ||
         parsed_->comparison == Comparison::kLessOrEqual;
}

bool Threshold::lower_bound() const {
  return parsed_->comparison == Comparison::kGreater ||
         parsed_->comparison == Comparison::kGreaterOrEqual;
}

Nanos Threshold::window() const { return parsed_->window; }

Evaluation Threshold::Evaluate(const MetricLookup& lookup,
                               std::uint32_t min_samples) const {
  Evaluation result;
  std::vector<double> values;
  for (const MetricRef& ref : parsed_->metrics) {
    const MetricValue value = lookup(ref);
    values.push_back(
        value.value.value_or(std::numeric_limits<double>::quiet_NaN()));
    const std::optional<double> quantile = QuantileOf(ref.aggregate);
    if (!quantile.has_value()) continue;
    const std::uint64_t needed =
        min_samples > 0 ? min_samples : SamplesNeeded(*quantile);
    // The one with the smallest part of what it needs.
    if (result.samples_needed == 0 ||
        static_cast<double>(value.samples) / static_cast<double>(needed) <
            static_cast<double>(result.samples) /
                static_cast<double>(result.samples_needed)) {
      result.samples = value.samples;
      result.samples_needed = needed;
    }
  }
  const double left = suites::Evaluate(parsed_->left, values);
  const double right = suites::Evaluate(parsed_->right, values);
  if (std::isnan(left) || std::isnan(right)) return result;
  result.measured = true;
  result.observed = left;
  result.bound = right;
  result.holds = Holds(parsed_->comparison, left, right);
  return result;
}

absl::Status CheckMetrics(const Threshold& threshold, const v1::Suite& suite,
                          const v1::Test& test, const FindSuite& others) {
  ASSIGN_OR_RETURN(Threshold copy, Threshold::Parse(threshold.text()));
  return copy.Resolve(suite, test, others);
}

absl::Status CheckOnline(const Threshold& threshold) {
  constexpr std::string_view kOfTheWhole[] = {"connect", "reconnects",
                                              "elapsed", "search.rate"};
  for (const MetricRef& ref : threshold.metrics()) {
    if (!ref.suite.empty() || !ref.test.empty()) {
      return ErrorAt(ref.offset,
                     "is judged while the test is at work, when figures of "
                     "other tests may be missing");
    }
    if (std::find(std::begin(kOfTheWhole), std::end(kOfTheWhole), ref.metric) !=
            std::end(kOfTheWhole) ||
        IsOfWholeTest(ref.metric)) {
      return ErrorAt(ref.offset,
                     absl::StrCat(ref.metric,
                                  " is known when the test is over; this is "
                                  "judged while it is at work"));
    }
  }
  return absl::OkStatus();
}

bool NamesOthers(const v1::Suite& suite) {
  const auto is_other = [&](const MetricRef& ref) {
    return !ref.suite.empty() && ref.suite != ShortName(suite.name());
  };
  const auto any_is_other = [&](const auto& parsed) {
    return parsed.ok() && std::any_of(parsed->metrics().begin(),
                                      parsed->metrics().end(), is_other);
  };
  for (const v1::Test& test : suite.tests()) {
    for (const std::string& text : test.expect()) {
      if (any_is_other(Threshold::Parse(text))) return true;
    }
    for (const std::string& text : test.show()) {
      if (any_is_other(Figure::Parse(text))) return true;
    }
  }
  return false;
}

namespace {

bool SpeaksOfErrors(const std::string& text, const v1::Test& test) {
  const absl::StatusOr<Threshold> threshold = Threshold::Parse(text);
  if (!threshold.ok()) return false;
  const auto& metrics = threshold->metrics();
  return std::any_of(metrics.begin(), metrics.end(), [&](const auto& ref) {
    return IsOfTest(ref, test) && SpeaksOfErrors(ref.metric);
  });
}

}  // namespace

std::optional<std::string> ImpliedThreshold(const v1::Test& test) {
  for (const GroupView& group : GroupsOf(test)) {
    if (NamesOtherStatus(*group.calls)) return std::nullopt;
  }
  for (const auto* thresholds : {&test.expect(), &test.abort_on_fail()}) {
    for (const std::string& text : *thresholds) {
      if (SpeaksOfErrors(text, test)) return std::nullopt;
    }
  }
  return "errors.rate == 0";
}

}  // namespace perfrig::suites
