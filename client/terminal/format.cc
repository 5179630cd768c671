#include "client/terminal/format.h"

#include <array>
#include <cmath>
#include <string_view>

#include "absl/strings/str_format.h"

namespace perfrig {
namespace {

// What the API says where a quantile falls among calls that never ended.
constexpr double kNeverNanos = 9.2e18;

// Three significant digits below 1,000, none after the point from there on.
std::string ThreeDigits(double value) {
  const double size = std::fabs(value);
  if (size == 0) return "0";
  if (size < 0.001) return absl::StrFormat("%.2g", value);
  if (size < 0.9995) return absl::StrFormat("%.3g", value);
  if (size < 9.995) return absl::StrFormat("%.2f", value);
  if (size < 99.95) return absl::StrFormat("%.1f", value);
  return absl::StrFormat("%.0f", value);
}

std::string LongDuration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) {
    return absl::StrFormat("%dm %02ds", whole / 60, whole % 60);
  }
  return absl::StrFormat("%dh %02dm", whole / 3600, whole / 60 % 60);
}

}  // namespace

std::string FormatNanos(double nanos, Style style) {
  if (nanos < 0) return "-" + FormatNanos(-nanos, style);
  if (nanos >= kNeverNanos) return "never";
  if (nanos < 999.5) return absl::StrFormat("%.0f ns", nanos);
  if (nanos < 999.5e3) {
    return absl::StrFormat("%s %ss", ThreeDigits(nanos / 1e3),
                           std::string(SymbolsOf(style).micro));
  }
  if (nanos < 999.5e6) return ThreeDigits(nanos / 1e6) + " ms";
  if (nanos < 99.95e9) return ThreeDigits(nanos / 1e9) + " s";
  return LongDuration(nanos / 1e9);
}

std::string FormatDuration(absl::Duration duration, Style style) {
  return FormatNanos(absl::ToDoubleNanoseconds(duration), style);
}

std::string FormatOffset(absl::Duration offset) {
  const double seconds = absl::ToDoubleSeconds(offset);
  if (seconds < 0.0005) return "0 s";
  if (seconds < 99.9995) return absl::StrFormat("%.3f s", seconds);
  return LongDuration(seconds);
}

std::string FormatSetting(absl::Duration duration) {
  return absl::FormatDuration(duration);
}

std::string FormatClock(absl::Duration duration) {
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 3600) {
    return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                         seconds % 60);
}

std::string FormatCount(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string FormatNumber(double value) {
  if (!std::isfinite(value)) return "-";
  if (value < 0) return "-" + FormatNumber(-value);
  if (value < 999.5) {
    if (value == std::floor(value)) return absl::StrFormat("%.0f", value);
    return ThreeDigits(value);
  }
  if (value > 1e15) return absl::StrFormat("%.3g", value);
  return FormatCount(static_cast<std::uint64_t>(std::llround(value)));
}

std::string FormatRate(double per_second) {
  return FormatNumber(per_second) + "/s";
}

std::string FormatShare(double share) {
  return FormatNumber(share * 100) + " %";
}

std::string FormatBytes(double bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB",
                                                      "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1023.5 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  const std::string number =
      unit == 0 ? FormatNumber(bytes) : ThreeDigits(bytes);
  return absl::StrFormat("%s %s", number, std::string(kUnits.at(unit)));
}

}  // namespace perfrig
