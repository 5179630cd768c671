#include "common/behavior/check.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/behavior/options.h"
#include "common/checks/ranges.h"
#include "common/status/code_names.h"
#include "common/strings/nearest.h"

namespace perfrig {
namespace {

using google::protobuf::Duration;

constexpr double kMostCalls = 1'000'000;
constexpr double kMostBytesPerSecond = 1e12;
constexpr int kMostFaults = 16;
constexpr int kMostPoints = 1'000;
constexpr int kMostParts = 16;
// Sums of shares such as 0.1 + 0.2 + 0.7.
constexpr double kRounding = 1e-9;

class Checker {
 public:
  std::vector<FieldProblem> Check(const v1::Behavior& behavior) && {
    if (behavior.has_delay()) CheckDelay(behavior.delay(), "delay", false);
    Number(behavior.capacity(), {0, kMostCalls}, "capacity");
    Number(behavior.queue_limit(), {0, kMostCalls}, "queue_limit");
    Number(behavior.bytes_per_second(), {0, kMostBytesPerSecond},
           "bytes_per_second");
    Number(behavior.load_factor(), {0, 1'000}, "load_factor");
    CheckFaults(behavior);
    if (behavior.has_stall()) CheckStall(behavior.stall());
    if (behavior.has_outage()) CheckOutage(behavior.outage());
    for (FieldProblem& problem : CheckOptions(behavior)) {
      problems_.push_back(std::move(problem));
    }
    return std::move(problems_);
  }

 private:
  void CheckDelay(const v1::Delay& delay, const std::string& field,
                  bool in_mixture) {
    switch (delay.distribution_case()) {
      case v1::Delay::kFixed:
        return Time(delay.fixed(), field + ".fixed");
      case v1::Delay::kUniform:
        return CheckUniform(delay.uniform(), field + ".uniform");
      case v1::Delay::kNormal:
        Time(delay.normal().mean(), field + ".normal.mean");
        return Time(delay.normal().stddev(), field + ".normal.stddev");
      case v1::Delay::kLognormal:
        PositiveTime(delay.lognormal().median(), field + ".lognormal.median");
        return Number(delay.lognormal().sigma(), {0, 5},
                      field + ".lognormal.sigma");
      case v1::Delay::kExponential:
        return PositiveTime(delay.exponential(), field + ".exponential");
      case v1::Delay::kPareto:
        PositiveTime(delay.pareto().scale(), field + ".pareto.scale");
        return Number(delay.pareto().alpha(), {1, 100, true},
                      field + ".pareto.alpha");
      case v1::Delay::kQuantiles:
        return CheckQuantiles(delay.quantiles(), field + ".quantiles.points");
      case v1::Delay::kMixture:
        if (in_mixture) return Add(field, "must not be a mixture itself");
        return CheckMixture(delay.mixture(), field + ".mixture.parts");
      case v1::Delay::DISTRIBUTION_NOT_SET:
        return Add(field,
                   "needs one of fixed, uniform, normal, lognormal, "
                   "exponential, pareto, quantiles, mixture");
    }
  }

  void CheckUniform(const v1::Delay::Uniform& uniform,
                    const std::string& field) {
    const std::size_t before = problems_.size();
    Time(uniform.min(), field + ".min");
    Time(uniform.max(), field + ".max");
    if (problems_.size() > before) return;
    const absl::Duration min = ToAbslDuration(uniform.min());
    const absl::Duration max = ToAbslDuration(uniform.max());
    if (max < min) {
      Add(field + ".max",
          absl::StrCat("must be >= min, ", absl::FormatDuration(min), ", got ",
                       absl::FormatDuration(max)));
    }
  }

  void CheckQuantiles(const v1::Delay::Quantiles& quantiles,
                      const std::string& field) {
    if (!Count(quantiles.points_size(), 2, kMostPoints, field)) return;
    for (int i = 0; i < quantiles.points_size(); ++i) {
      CheckPoint(quantiles, i, absl::StrCat(field, "[", i, "]"));
    }
  }

  void CheckPoint(const v1::Delay::Quantiles& quantiles, int i,
                  const std::string& field) {
    const auto& point = quantiles.points(i);
    const std::size_t before = problems_.size();
    Number(point.quantile(), {0, 1}, field + ".quantile");
    Time(point.value(), field + ".value");
    if (problems_.size() > before) return;
    const auto got = absl::StrCat(", got ", NumberText(point.quantile()));
    if (i == 0) {
      if (point.quantile() != 0) {
        Add(field + ".quantile", absl::StrCat("must be 0 in the first", got));
      }
      return;
    }
    if (i == quantiles.points_size() - 1 && point.quantile() != 1) {
      Add(field + ".quantile", absl::StrCat("must be 1 in the last", got));
    }
    const auto& last = quantiles.points(i - 1);
    if (!(point.quantile() > last.quantile())) {
      Add(field + ".quantile", absl::StrCat("must be > the one before, ",
                                            NumberText(last.quantile()), got));
    }
    if (ToAbslDuration(point.value()) < ToAbslDuration(last.value())) {
      Add(field + ".value",
          absl::StrCat("must be >= the one before, ",
                       absl::FormatDuration(ToAbslDuration(last.value())),
                       ", got ",
                       absl::FormatDuration(ToAbslDuration(point.value()))));
    }
  }

  void CheckMixture(const v1::Delay::Mixture& mixture,
                    const std::string& field) {
    if (!Count(mixture.parts_size(), 1, kMostParts, field)) return;
    for (int i = 0; i < mixture.parts_size(); ++i) {
      const std::string part = absl::StrCat(field, "[", i, "]");
      Number(mixture.parts(i).weight(), {0, 1e9, true}, part + ".weight");
      CheckDelay(mixture.parts(i).delay(), part + ".delay", true);
    }
  }

  void CheckFaults(const v1::Behavior& behavior) {
    if (!Count(behavior.faults_size(), 0, kMostFaults, "faults")) return;
    double sum = 0;
    for (int i = 0; i < behavior.faults_size(); ++i) {
      CheckFault(behavior.faults(i), absl::StrCat("faults[", i, "]"));
      sum += behavior.faults(i).rate();
    }
    if (sum > 1 + kRounding) {
      Add("faults", absl::StrCat("rates must add up to at most 1, got ",
                                 NumberText(sum)));
    }
  }

  void CheckFault(const v1::Fault& fault, const std::string& field) {
    Number(fault.rate(), {0, 1}, field + ".rate");
    switch (fault.kind_case()) {
      case v1::Fault::kStatus:
        return CheckErrorStatus(fault.status(), field + ".status");
      case v1::Fault::kSlow:
        return PositiveTime(fault.slow(), field + ".slow");
      case v1::Fault::kHang:
        if (!fault.hang()) Add(field + ".hang", "must be true");
        return;
      case v1::Fault::kDrop:
        if (!fault.drop()) Add(field + ".drop", "must be true");
        return;
      case v1::Fault::KIND_NOT_SET:
        return Add(field, "needs one of status, hang, slow, drop");
    }
  }

  void CheckStall(const v1::Stall& stall) {
    const std::size_t before = problems_.size();
    Window(stall.every(), true, "stall.every");
    Window(stall.duration(), true, "stall.duration");
    if (problems_.size() > before) return;
    const absl::Duration every = ToAbslDuration(stall.every());
    const absl::Duration duration = ToAbslDuration(stall.duration());
    if (every <= duration) {
      Add("stall.every",
          absl::StrCat("must be > duration, ", absl::FormatDuration(duration),
                       ", got ", absl::FormatDuration(every)));
    }
  }

  void CheckOutage(const v1::Outage& outage) {
    Window(outage.after(), false, "outage.after");
    Window(outage.duration(), true, "outage.duration");
    if (!outage.status().empty()) {
      CheckErrorStatus(outage.status(), "outage.status");
    }
  }

  void CheckErrorStatus(const std::string& status, const std::string& field) {
    if (status == "OK") return Add(field, "must be an error, got \"OK\"");
    if (StatusCode(status).has_value()) return;
    const std::vector<std::string> names(kStatusNames.begin() + 1,
                                         kStatusNames.end());
    Add(field, absl::StrCat("must be the name of a gRPC status, got \"", status,
                            "\"", DidYouMean(status, names)));
  }

  void Number(double value, const NumberRange& range, std::string field) {
    CheckNumber(value, range, std::move(field), problems_);
  }
  void Time(const Duration& value, std::string field) {
    CheckDuration(value, {}, std::move(field), problems_);
  }
  void PositiveTime(const Duration& value, std::string field) {
    CheckDuration(value, {absl::ZeroDuration(), absl::Hours(1), true},
                  std::move(field), problems_);
  }
  void Window(const Duration& value, bool above_zero, std::string field) {
    CheckDuration(value, {absl::ZeroDuration(), absl::Hours(24), above_zero},
                  std::move(field), problems_);
  }
  bool Count(int size, int least, int most, const std::string& field) {
    if (size >= least && size <= most) return true;
    Add(field, absl::StrCat("must have ", least, " to ", NumberText(most),
                            " items, got ", NumberText(size)));
    return false;
  }
  void Add(std::string field, std::string message) {
    problems_.push_back({std::move(field), std::move(message)});
  }

  std::vector<FieldProblem> problems_;
};

}  // namespace

std::vector<FieldProblem> CheckBehavior(const v1::Behavior& behavior) {
  return Checker().Check(behavior);
}

}  // namespace perfrig
