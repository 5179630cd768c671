#include "server/suites/figure.h"

#include <cmath>
#include <limits>
#include <utility>

#include "common/status/macros.h"
#include "server/suites/metric_quantities.h"

namespace perfrig::suites {

absl::StatusOr<Figure> Figure::Parse(std::string_view text) {
  ASSIGN_OR_RETURN(ParsedFigure parsed, ParseFigure(text));
  Figure figure(std::move(parsed));
  RETURN_IF_ERROR(figure.SetUnit(GuessQuantities(figure.metrics())));
  return figure;
}

absl::Status Figure::SetUnit(const std::vector<Quantity>& quantities) {
  ASSIGN_OR_RETURN(quantity_, Measure(parsed_.value, quantities, parsed_.text));
  return absl::OkStatus();
}

absl::Status Figure::Resolve(const v1::Suite& suite, const v1::Test& test,
                             const FindSuite& others) {
  ASSIGN_OR_RETURN(ResolvedMetrics resolved,
                   ResolveNames(parsed_.metrics, suite, test, others));
  RETURN_IF_ERROR(SetUnit(resolved.quantities));
  parsed_.metrics = std::move(resolved.metrics);
  return absl::OkStatus();
}

std::optional<double> Figure::Evaluate(const MetricLookup& lookup) const {
  std::vector<double> values;
  values.reserve(parsed_.metrics.size());
  for (const MetricRef& ref : parsed_.metrics) {
    values.push_back(
        lookup(ref).value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  const double value = suites::Evaluate(parsed_.value, values);
  if (std::isnan(value)) return std::nullopt;
  return value;
}

std::string Figure::Text(double value) const {
  return FormatValue(value, UnitOf(quantity_),
                     quantity_.flavor == Flavor::kShare);
}

absl::StatusOr<std::vector<MetricRef>> FiguresNamed(const v1::Suite& suite,
                                                    const v1::Test& test) {
  std::vector<MetricRef> all;
  const auto add = [&](const std::vector<MetricRef>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  for (const auto* texts : {&test.expect(), &test.abort_on_fail()}) {
    for (const std::string& text : *texts) {
      ASSIGN_OR_RETURN(Threshold threshold, Threshold::Parse(text));
      RETURN_IF_ERROR(threshold.Resolve(suite, test));
      add(threshold.metrics());
    }
  }
  for (const std::string& text : test.show()) {
    ASSIGN_OR_RETURN(Figure figure, Figure::Parse(text));
    RETURN_IF_ERROR(figure.Resolve(suite, test));
    add(figure.metrics());
  }
  return all;
}

}  // namespace perfrig::suites
