// Figures as people read them: three significant digits and a unit.
#ifndef PERFRIG_CLIENT_TERMINAL_FORMAT_H_
#define PERFRIG_CLIENT_TERMINAL_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "client/terminal/style.h"

namespace perfrig {

// "850 ns", "12.3 µs", "20.0 ms", "1.25 s", "2m 05s", "3h 10m".
[[nodiscard]] std::string FormatNanos(double nanos, Style style);
[[nodiscard]] std::string FormatDuration(absl::Duration duration, Style style);
// A point in time of a round: "0 s", "1.234 s", "2m 05s".
[[nodiscard]] std::string FormatOffset(absl::Duration offset);
// As an operator would type it: "20ms", "1.5s", "2m30s".
[[nodiscard]] std::string FormatSetting(absl::Duration duration);
// Whole seconds as a clock shows them: "0:07", "12:30", "1:02:03".
[[nodiscard]] std::string FormatClock(absl::Duration duration);
// "12,345".
[[nodiscard]] std::string FormatCount(std::uint64_t count);
// "0.25", "12.5", "1,234", "31,400".
[[nodiscard]] std::string FormatNumber(double value);
// "1,000/s".
[[nodiscard]] std::string FormatRate(double per_second);
// 0.0123 as "1.23 %".
[[nodiscard]] std::string FormatShare(double share);
// "512 B", "1.20 KiB", "40.1 MiB".
[[nodiscard]] std::string FormatBytes(double bytes);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_FORMAT_H_
