#include "server/suites/quantity.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace perfrig::suites {
namespace {

// A unit is worth multiply / divide of the base unit; two factors, because
// 20 / 1e3 is exactly 0.020 and 20 * 1e-3 is not always.
struct UnitWord {
  std::string_view name;
  double multiply;
  double divide;
  Quantity quantity;
};

constexpr Quantity kTime{1, 0, Flavor::kMeasured};
constexpr Quantity kPerTime{-1, 0, Flavor::kMeasured};
constexpr Quantity kSize{0, 1, Flavor::kMeasured};
constexpr Quantity kPercent{0, 0, Flavor::kShare};
constexpr double kKi = 1024;

constexpr UnitWord kUnits[] = {
    {"ns", 1, 1e9, kTime},
    {"us", 1, 1e6, kTime},
    {"\u00b5s", 1, 1e6, kTime},  // micro sign
    {"\u03bcs", 1, 1e6, kTime},  // Greek mu
    {"ms", 1, 1e3, kTime},
    {"s", 1, 1, kTime},
    {"m", 60, 1, kTime},
    {"h", 3600, 1, kTime},
    {"%", 1, 100, kPercent},
    {"/s", 1, 1, kPerTime},
    {"/m", 1, 60, kPerTime},
    {"/h", 1, 3600, kPerTime},
    {"B", 1, 1, kSize},
    {"KB", 1e3, 1, kSize},
    {"MB", 1e6, 1, kSize},
    {"GB", 1e9, 1, kSize},
    {"KiB", kKi, 1, kSize},
    {"MiB", kKi* kKi, 1, kSize},
    {"GiB", kKi* kKi* kKi, 1, kSize},
};

const UnitWord* FindUnit(std::string_view name) {
  for (const UnitWord& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t SkipDigits(std::string_view text, std::size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

bool SameUnit(const Quantity& a, const Quantity& b) {
  return a.seconds == b.seconds && a.bytes == b.bytes;
}

// How much a flavor says, for sums.
int Weight(const Quantity& quantity) {
  return static_cast<int>(quantity.flavor);
}

bool AnyIs(const Quantity& a, const Quantity& b, Flavor flavor) {
  return a.flavor == flavor || b.flavor == flavor;
}

bool IsNumeral(const Quantity& quantity) {
  return quantity.flavor == Flavor::kPlain || quantity.flavor == Flavor::kZero;
}

}  // namespace

Quantity QuantityOf(Unit unit) {
  switch (unit) {
    case Unit::kNone:
      return {0, 0, Flavor::kPlain};
    case Unit::kSeconds:
      return kTime;
    case Unit::kBytes:
      return kSize;
    case Unit::kPerSecond:
      return kPerTime;
    case Unit::kBytesPerSecond:
      return {-1, 1, Flavor::kMeasured};
  }
  std::abort();
}

Unit UnitOf(const Quantity& quantity) {
  for (const Unit unit : {Unit::kSeconds, Unit::kBytes, Unit::kPerSecond,
                          Unit::kBytesPerSecond}) {
    if (SameUnit(QuantityOf(unit), quantity)) return unit;
  }
  return Unit::kNone;
}

std::string_view Describe(const Quantity& quantity) {
  switch (UnitOf(quantity)) {
    case Unit::kSeconds:
      return "a time";
    case Unit::kBytes:
      return "a number of bytes";
    case Unit::kPerSecond:
      return "a rate per second";
    case Unit::kBytesPerSecond:
      return "a number of bytes per second";
    case Unit::kNone:
      break;
  }
  if (quantity.seconds != 0 || quantity.bytes != 0) {
    return "in a unit of its own";
  }
  if (quantity.flavor == Flavor::kCount) return "a count";
  if (quantity.flavor == Flavor::kShare) return "a share";
  return "a plain number";
}

bool Fits(const Quantity& a, const Quantity& b) {
  if (AnyIs(a, b, Flavor::kZero) || AnyIs(a, b, Flavor::kUnknown)) return true;
  if (SameUnit(a, b)) {
    return !(AnyIs(a, b, Flavor::kCount) && AnyIs(a, b, Flavor::kShare));
  }
  if (a.flavor == Flavor::kPlain) return b.seconds <= 0;
  if (b.flavor == Flavor::kPlain) return a.seconds <= 0;
  return false;
}

Quantity Sum(const Quantity& a, const Quantity& b) {
  return Weight(a) >= Weight(b) ? a : b;
}

Quantity Product(const Quantity& a, const Quantity& b) {
  const Quantity unit{a.seconds + b.seconds, a.bytes + b.bytes,
                      Flavor::kMeasured};
  if (AnyIs(a, b, Flavor::kUnknown)) return {0, 0, Flavor::kUnknown};
  // A factor leaves a quantity what it is, and so does a percentage.
  if (IsNumeral(a)) return b;
  if (IsNumeral(b)) return a;
  if (a.flavor == Flavor::kShare) return b;
  if (b.flavor == Flavor::kShare) return a;
  return unit;
}

Quantity Quotient(const Quantity& a, const Quantity& b) {
  if (AnyIs(a, b, Flavor::kUnknown)) return {0, 0, Flavor::kUnknown};
  if (IsNumeral(b)) return a;
  return {a.seconds - b.seconds, a.bytes - b.bytes, Flavor::kMeasured};
}

std::size_t DigitsOf(std::string_view text) {
  std::size_t at = SkipDigits(text, 0);
  if (at == 0) return 0;
  if (at + 1 < text.size() && text[at] == '.' && IsDigit(text[at + 1])) {
    at = SkipDigits(text, at + 1);
  }
  if (at + 1 < text.size() && text[at] == 'e' && IsDigit(text[at + 1])) {
    at = SkipDigits(text, at + 1);
  }
  return at;
}

std::optional<Number> ParseNumber(std::string_view text) {
  const std::size_t digits = DigitsOf(text);
  if (digits == 0) return std::nullopt;
  Number number;
  const auto result =
      std::from_chars(text.data(), text.data() + digits, number.value);
  if (result.ec != std::errc() || !std::isfinite(number.value)) {
    return std::nullopt;
  }
  std::string_view unit = text.substr(digits);
  if (unit.empty()) {
    if (number.value == 0) number.quantity.flavor = Flavor::kZero;
    return number;
  }
  const bool flow = unit.size() > 2 && unit.ends_with("/s");
  if (flow) unit.remove_suffix(2);
  const UnitWord* word = FindUnit(unit);
  if (word == nullptr || (flow && word->quantity.bytes == 0)) {
    return std::nullopt;
  }
  number.value = number.value * word->multiply / word->divide;
  number.quantity = word->quantity;
  if (flow) number.quantity.seconds = -1;
  if (!std::isfinite(number.value)) return std::nullopt;
  return number;
}

const std::vector<std::string>& UnitNames() {
  static const auto& names = *[] {
    auto* all = new std::vector<std::string>;
    for (const UnitWord& unit : kUnits) all->emplace_back(unit.name);
    return all;
  }();
  return names;
}

}  // namespace perfrig::suites
