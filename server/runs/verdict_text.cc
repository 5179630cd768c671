#include "server/runs/verdict_text.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace perfrig::runs {

std::string ValueText(double value, const suites::Threshold& threshold) {
  if (std::isinf(value)) return "never";
  return suites::FormatValue(value, threshold.unit(), threshold.is_share());
}

std::string MarginText(const suites::Evaluation& figures,
                       const suites::Threshold& threshold) {
  const double apart = figures.observed - figures.bound;
  if (std::isinf(apart)) return "";
  if (apart == 0) return "at the bound";
  if (threshold.is_share()) {
    return absl::StrFormat("%.3g points %s", std::abs(apart) * 100,
                           apart < 0 ? "below" : "above");
  }
  return absl::StrCat(ValueText(std::abs(apart), threshold),
                      apart < 0 ? " below" : " above");
}

std::string WindowText(const WindowFigures& figures) {
  std::string text =
      figures.windows == 1
          ? "the one window"
          : absl::StrCat("worst of ", figures.windows, " windows");
  return absl::StrCat(
      text, ", from ",
      suites::FormatValue(static_cast<double>(figures.begin) / kSecond,
                          suites::Unit::kSeconds),
      " of round ", figures.round + 1);
}

}  // namespace perfrig::runs
