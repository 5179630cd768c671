#include "server/runs/call_counts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/runs/round_values.h"

namespace perfrig::runs {
namespace {

using suites::MetricValue;

struct Count {
  std::string_view metric;
  std::uint64_t (v1::Figures::*value)() const;
};

constexpr Count kCounts[] = {
    {"success", &v1::Figures::ok},
    {"availability", &v1::Figures::ok},
    {"good", &v1::Figures::good},
    {"calls.planned", &v1::Figures::planned},
    {"calls.sent", &v1::Figures::sent},
    {"calls.ok", &v1::Figures::ok},
    {"calls.failed", &v1::Figures::failed},
    {"calls.late", &v1::Figures::late},
    {"late", &v1::Figures::late},
    {"calls.dropped", &v1::Figures::dropped},
    {"dropped", &v1::Figures::dropped},
    {"calls.unfinished", &v1::Figures::unfinished},
    {"unfinished", &v1::Figures::unfinished},
    {"retries", &v1::Figures::retries},
    {"messages.sent", &v1::Figures::messages_sent},
    {"messages.received", &v1::Figures::messages_received},
    {"bytes.sent", &v1::Figures::bytes_sent},
    {"bytes.received", &v1::Figures::bytes_received},
};

constexpr std::string_view kStatus = "status.";

std::optional<double> Number(const MeasuredTest& test,
                             const v1::Figures& figures,
                             const std::string& metric) {
  for (const Count& count : kCounts) {
    if (count.metric == metric) {
      return static_cast<double>((figures.*count.value)());
    }
  }
  if (metric == "errors") {
    return static_cast<double>(figures.planned()) -
           static_cast<double>(figures.ok());
  }
  if (metric == "reconnects") {
    return static_cast<double>(test.pooled.connections.reconnects);
  }
  if (metric.starts_with(kStatus)) {
    const auto found = figures.statuses().find(metric.substr(kStatus.size()));
    return found == figures.statuses().end()
               ? 0
               : static_cast<double>(found->second);
  }
  return std::nullopt;
}

}  // namespace

MetricValue CountOf(const MeasuredTest& test, const suites::MetricRef& ref) {
  const v1::Figures* figures = FiguresOf(test.pooled, ref.step);
  if (figures == nullptr) return {};
  std::optional<double> number = Number(test, *figures, ref.metric);
  if (!number) return {};
  if (ref.aggregate == "rate") {
    if (figures->planned() == 0) return {};
    *number /= static_cast<double>(figures->planned());
  } else if (ref.aggregate == "per_second") {
    const double seconds = ElapsedSeconds(*figures);
    if (seconds <= 0) return {};
    *number /= seconds;
  }
  return {number, figures->planned()};
}

}  // namespace perfrig::runs
