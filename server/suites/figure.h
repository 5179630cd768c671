// An expression over figures that is shown and not judged: one side of a
// threshold, "cold.latency.p50 / latency.p50".
#ifndef PERFRIG_SERVER_SUITES_FIGURE_H_
#define PERFRIG_SERVER_SUITES_FIGURE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/quantity.h"
#include "server/suites/threshold.h"
#include "server/suites/threshold_parser.h"

namespace perfrig::suites {

class Figure {
 public:
  // INVALID_ARGUMENT "column N: …" where the text is none.
  static absl::StatusOr<Figure> Parse(std::string_view text);

  // As Threshold::Resolve.
  absl::Status Resolve(const v1::Suite& suite, const v1::Test& test,
                       const FindSuite& others = nullptr);

  const std::vector<MetricRef>& metrics() const { return parsed_.metrics; }
  // In its base unit; nothing where something was not measured, or a divisor
  // is 0.
  std::optional<double> Evaluate(const MetricLookup& lookup) const;
  // "12.3 ms"; a share in percent.
  std::string Text(double value) const;

 private:
  explicit Figure(ParsedFigure parsed) : parsed_(std::move(parsed)) {}
  absl::Status SetUnit(const std::vector<Quantity>& quantities);

  ParsedFigure parsed_;
  Quantity quantity_;
};

// All figures that the test's thresholds name and that it shows, resolved.
absl::StatusOr<std::vector<MetricRef>> FiguresNamed(const v1::Suite& suite,
                                                    const v1::Test& test);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_FIGURE_H_
