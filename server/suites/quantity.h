// Numbers with units, and which of them may stand beside each other.
#ifndef PERFRIG_SERVER_SUITES_QUANTITY_H_
#define PERFRIG_SERVER_SUITES_QUANTITY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/suites/metrics_catalog.h"

namespace perfrig::suites {

// What is known of a number beside its unit.
enum class Flavor {
  kZero,      // literal 0: beside anything
  kUnknown,   // a metric that is not known here: beside anything
  kPlain,     // without unit, literal or observed: beside anything but times
  kCount,     // counted by the rig: not beside shares
  kShare,     // 0 to 1: not beside counts
  kMeasured,  // has a unit, or is a ratio
};

// Unit as powers of seconds and bytes: "/s" is {-1, 0}.
struct Quantity {
  int seconds = 0;
  int bytes = 0;
  Flavor flavor = Flavor::kPlain;
};

Quantity QuantityOf(Unit unit);
// kNone also for units that have no name.
Unit UnitOf(const Quantity& quantity);
// "a time", "a share", …
std::string_view Describe(const Quantity& quantity);

// True if the two can be added and compared.
bool Fits(const Quantity& a, const Quantity& b);
// Of a sum, a difference, a minimum: the one that says more.
Quantity Sum(const Quantity& a, const Quantity& b);
Quantity Product(const Quantity& a, const Quantity& b);
Quantity Quotient(const Quantity& a, const Quantity& b);

struct Number {
  // In the base unit: s, bytes, 1/s.
  double value = 0;
  Quantity quantity;
};

// "100ms", "5%", "1e3/s", "1.5MiB"; nothing where it is not a number with a
// unit that exists.
std::optional<Number> ParseNumber(std::string_view text);
// Where the digits of a number end and its unit begins.
std::size_t DigitsOf(std::string_view text);
// "ns", "ms", "%", "/s", "KiB", …
const std::vector<std::string>& UnitNames();

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_QUANTITY_H_
