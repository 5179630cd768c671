// The threshold language: "latency.p95 < 100ms",
// "cold.latency.p50 / latency.p50 > 10". Grammar: docs/suites.md.
#ifndef PERFRIG_SERVER_SUITES_THRESHOLD_H_
#define PERFRIG_SERVER_SUITES_THRESHOLD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {

// A figure as a threshold names it:
// [[suite/]test.][group.][step.]metric.aggregate.
// metrics_catalog.h has the metrics, their units and aggregates. "availability"
// comes as success.rate.
struct MetricRef {
  std::string suite;      // empty: the suite itself
  std::string test;       // empty: the test itself
  std::string step;       // "step", "group", "group.step"; empty: all
  std::string metric;     // "latency", "calls.failed", "status.OK", "errors"
  std::string aggregate;  // "p95", "rate", "count"; empty for plain numbers
  // Of the name in the expression, 0-based.
  std::size_t offset = 0;

  bool operator==(const MetricRef&) const = default;
};

// A metric's value, in its base unit (s, bytes, 1/s), and how many samples
// stand behind it. No value: nothing was measured.
struct MetricValue {
  std::optional<double> value;
  std::uint64_t samples = 0;
};
using MetricLookup = std::function<MetricValue(const MetricRef&)>;

// Another suite by its name without "suites/", which lives as long as the
// function; an error says in one line why there is none.
using FindSuite =
    std::function<absl::StatusOr<const v1::Suite*>(std::string_view name)>;

// What a threshold gives with certain figures.
struct Evaluation {
  // A side could not be computed: nothing was measured, or 0 in a divisor.
  bool measured = false;
  bool holds = false;
  // Left and right side; a threshold with all its figures on the right
  // ("100ms > latency.p95") is read the other way round.
  double observed = 0;
  double bound = 0;
  // Of the percentile with the fewest; 0 needed where none is named.
  std::uint64_t samples = 0;
  std::uint64_t samples_needed = 0;
};

class Threshold {
 public:
  // INVALID_ARGUMENT "column N: …" where the text is no threshold. Names are
  // split as far as built-in metrics tell: one part before the metric counts
  // as a test until Resolve.
  static absl::StatusOr<Threshold> Parse(std::string_view text);

  Threshold(Threshold&&) noexcept;
  Threshold& operator=(Threshold&&) noexcept;
  ~Threshold();

  // Splits the names by the tests, steps and observed metrics of the suite; a
  // step of `test` itself wins over a test of the same name. `suite` is left
  // empty in references to the suite itself, `test` in those to `test`. Same
  // errors as CheckMetrics; call it before Evaluate.
  absl::Status Resolve(const v1::Suite& suite, const v1::Test& test,
                       const FindSuite& others = nullptr);

  const std::string& text() const;
  // All figures it names, left to right.
  const std::vector<MetricRef>& metrics() const;
  // Of both sides; kNone for shares, counts and ratios.
  Unit unit() const;
  // True where both sides are shares, which people read in percent.
  bool is_share() const;
  // True where the right side is the bound that the left side stays below.
  bool upper_bound() const;
  // The same the other way round.
  bool lower_bound() const;
  // Length of the windows of which each must hold; 0 where the figures as a
  // whole must.
  Nanos window() const;
  // `min_samples` replaces the samples that the named percentiles need; 0:
  // p50 6, p90 36, p95 72, p99 368, p99.9 3,688.
  Evaluation Evaluate(const MetricLookup& lookup,
                      std::uint32_t min_samples) const;

 private:
  struct Parsed;
  explicit Threshold(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

// Refuses names that mean nothing: the metric or aggregate does not exist, the
// test or step is not in the suite, the unit does not fit. INVALID_ARGUMENT
// "column N: …" with the nearest right name. Without `others`, what it names of
// other suites passes.
absl::Status CheckMetrics(const Threshold& threshold, const v1::Suite& suite,
                          const v1::Test& test,
                          const FindSuite& others = nullptr);

// Refuses figures that are not known while the test is at work: those of other
// tests, and those that only the whole test has. After Resolve.
absl::Status CheckOnline(const Threshold& threshold);

// Whether a threshold of the suite, or what it shows, names another one.
bool NamesOthers(const v1::Suite& suite);

// "errors.rate == 0", unless a threshold of the test speaks of errors,
// success, availability, failed calls or a status, or a check expects other
// statuses.
std::optional<std::string> ImpliedThreshold(const v1::Test& test);

// "12.3 ms", "1.5 MB", "1,000/s", "99.2 %" (shares as percent where
// `as_percent`).
std::string FormatValue(double value, Unit unit, bool as_percent = false);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_THRESHOLD_H_
