// Numbers as people read them.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "server/suites/threshold.h"

namespace perfrig::suites {
namespace {

// A unit: the base unit, divided or multiplied. Two factors, because one of
// them is always 1 and the other exact.
struct Step {
  double divide;
  double multiply;
  const char* name;
};

// From the largest to the smallest.
constexpr Step kTimes[] = {
    {1, 1, " s"}, {1, 1e3, " ms"}, {1, 1e6, " \u00b5s"}, {1, 1e9, " ns"}};
constexpr Step kSizes[] = {{1e12, 1, " TB"},
                           {1e9, 1, " GB"},
                           {1e6, 1, " MB"},
                           {1e3, 1, " KB"},
                           {1, 1, " B"}};

std::string Fixed(double value, int decimals) {
  // 400 holds every double.
  std::array<char, 400> buffer;
  const int size =
      std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  std::string text(buffer.data(), static_cast<std::size_t>(size));
  if (decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string WithSeparators(std::string digits) {
  const std::size_t whole = std::min(digits.find('.'), digits.size());
  for (std::size_t at = whole; at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

// Decimals that show three significant digits.
int DecimalsFor(double value) {
  if (value == 0 || value >= 100) return 0;
  return std::min(12, 2 - static_cast<int>(std::floor(std::log10(value))));
}

double RoundTo3Digits(double value) {
  if (value >= 100) return std::round(value);
  const double scale = std::pow(10, DecimalsFor(value));
  return std::round(value * scale) / scale;
}

// Three significant digits, whole numbers in full.
std::string Plain(double value) {
  if (value == std::floor(value) && value < 1e15) {
    return WithSeparators(Fixed(value, 0));
  }
  return WithSeparators(Fixed(value, DecimalsFor(value)));
}

// Enough decimals that 99.96 % is not shown as 100 %.
std::string Percent(double value) {
  value *= 100;
  for (int decimals = 1; decimals < 6; ++decimals) {
    const std::string text = Fixed(value, decimals);
    if ((text != "100" && text != "0") || std::abs(value - 100) < 1e-9 ||
        value < 1e-9) {
      return absl::StrCat(WithSeparators(text), " %");
    }
  }
  return absl::StrCat(Fixed(value, 6), " %");
}

// In the largest unit that leaves at least 1, else in the last one.
template <std::size_t n>
std::string Scaled(double value, const Step (&steps)[n]) {
  for (const Step& step : steps) {
    const double scaled = RoundTo3Digits(value / step.divide * step.multiply);
    if (scaled >= 1 || &step == &steps[n - 1]) {
      return absl::StrCat(WithSeparators(Fixed(scaled, DecimalsFor(scaled))),
                          step.name);
    }
  }
  return "";
}

}  // namespace

std::string FormatValue(double value, Unit unit, bool as_percent) {
  if (std::isnan(value)) return "nothing";
  if (value < 0) {
    return absl::StrCat("-", FormatValue(-value, unit, as_percent));
  }
  if (std::isinf(value)) return "infinite";
  switch (unit) {
    case Unit::kSeconds:
      if (value == 0) return "0 s";
      return Scaled(value, kTimes);
    case Unit::kBytes:
      return Scaled(value, kSizes);
    case Unit::kPerSecond:
      return absl::StrCat(Plain(RoundTo3Digits(value)), "/s");
    case Unit::kBytesPerSecond:
      return absl::StrCat(Scaled(value, kSizes), "/s");
    case Unit::kNone:
      break;
  }
  return as_percent ? Percent(value) : Plain(value);
}

}  // namespace perfrig::suites
