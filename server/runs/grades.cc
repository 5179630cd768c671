#include "server/runs/grades.h"

#include <cmath>

namespace perfrig::runs {
namespace {

constexpr double kBadPoints = 0.05;
constexpr double kBadFactor = 2;

bool IsBad(const suites::Threshold& threshold,
           const suites::Evaluation& figures) {
  if (threshold.is_share()) {
    return std::abs(figures.observed - figures.bound) > kBadPoints;
  }
  if (threshold.upper_bound()) {
    return figures.observed > kBadFactor * figures.bound;
  }
  return threshold.lower_bound() &&
         figures.observed * kBadFactor < figures.bound;
}

}  // namespace

v1::Grade GradeOf(const suites::Threshold& threshold,
                  const suites::Evaluation& figures) {
  return IsBad(threshold, figures) ? v1::BAD : v1::DEGRADED;
}

}  // namespace perfrig::runs
