#include "server/suites/zipf.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "server/suites/random_data.h"

namespace perfrig::suites {
namespace {

// (e^x − 1) ÷ x and ln(1 + x) ÷ x, also where x is next to 0.
double ExpOver(double x) {
  return std::abs(x) > 1e-8 ? std::expm1(x) / x : 1 + x / 2;
}
double LogOver(double x) {
  return std::abs(x) > 1e-8 ? std::log1p(x) / x : 1 - x / 2;
}

// 0 included, 1 not.
double Uniform(std::uint64_t& random) {
  return static_cast<double>(NextRandom(random) >> 11) * 0x1p-53;
}

}  // namespace

Zipf::Zipf(std::uint64_t n, double s)
    : n_(n),
      s_(s),
      first_(Area(1.5) - 1),
      last_(Area(static_cast<double>(n) + 0.5)),
      near_(2 - InverseArea(Area(2.5) - Height(2))) {}

double Zipf::Height(double x) const { return std::exp(-s_ * std::log(x)); }

double Zipf::Area(double x) const {
  const double log = std::log(x);
  return ExpOver((1 - s_) * log) * log;
}

double Zipf::InverseArea(double area) const {
  // Below −1 by rounding only.
  const double bounded = std::max(-1.0, area * (1 - s_));
  return std::exp(LogOver(bounded) * area);
}

std::uint64_t Zipf::Draw(std::uint64_t& random) const {
  const auto n = static_cast<double>(n_);
  while (true) {
    const double area = last_ + Uniform(random) * (first_ - last_);
    const double x = InverseArea(area);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, n);
    if (k - x <= near_ || area >= Area(k + 0.5) - Height(k)) {
      return static_cast<std::uint64_t>(k) - 1;
    }
  }
}

void Zipf::Append(std::uint64_t, std::uint64_t& random,
                  std::string& out) const {
  absl::StrAppend(&out, Draw(random));
}

std::string Zipf::Sample(bool greatest) const {
  return absl::StrCat(greatest ? n_ - 1 : 0);
}

}  // namespace perfrig::suites
