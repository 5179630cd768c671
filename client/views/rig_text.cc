#include "client/views/rig_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/terminal/text.h"
#include "client/views/report.h"
#include "client/views/test_table.h"
#include "client/views/times.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

std::string SuitesOf(const v1::Run& run) {
  std::vector<std::string> names;
  for (const auto& suite : run.suites()) {
    names.push_back(ShortName(suite.suite().name()));
  }
  return absl::StrJoin(names, ",");
}

std::string LabelsOf(const v1::Run& run) {
  const std::map<std::string, std::string> labels(run.labels().begin(),
                                                  run.labels().end());
  return Printable(absl::StrJoin(labels, ",", absl::PairFormatter("=")));
}

std::string TimeOf(const v1::Run& run, Style style) {
  if (!run.has_start_time() || !run.has_end_time()) return "";
  return FormatDuration(ToTime(run.end_time()) - ToTime(run.start_time()),
                        style);
}

std::string Three(const v1::Distribution& distribution, Style style) {
  const auto sample = [&](std::uint64_t nanos) {
    return Sample(distribution, static_cast<double>(nanos), style);
  };
  return absl::StrCat("p50 ", sample(distribution.p50_ns()), "  p99 ",
                      sample(distribution.p99_ns()), "  max ",
                      sample(distribution.max_ns()));
}

}  // namespace

std::string RenderRunList(const v1::ListRunsResponse& list, Style style,
                          int columns) {
  Table table({{"run"},
               {"verdict"},
               {"created"},
               {"took", Table::kRight},
               {"suites"},
               {"labels"}});
  for (const auto& run : list.runs()) {
    table.AddRow({ShortName(run.name()), StateOrVerdict(run, style),
                  FormatTime(run.create_time()), TimeOf(run, style),
                  SuitesOf(run), LabelsOf(run)});
  }
  return table.Render(style, 0, columns);
}

std::string RenderStatus(const v1::Status& status, absl::Time now,
                         Style style) {
  Table table({{""}, {""}});
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    table.AddRow({Paint(style, Color::kQuiet, name), Printable(value)});
  };
  const std::string state =
      status.draining() ? "draining, takes no runs" : "serving";
  add("daemon", absl::StrCat("perfrigd ", status.version(), ", ", state));
  if (status.has_start_time()) {
    add("up", FormatDuration(now - ToTime(status.start_time()), style));
  }
  add("control", status.control_address());
  add("http", status.http_address());
  add("targets", status.target_address());
  add("run",
      status.current_run().empty() ? "none at work" : status.current_run());
  add("queued",
      absl::StrCat(status.runs_queued(), " of at most ", status.queue_limit()));
  add("kept", absl::StrCat(status.runs_kept(), " finished runs"));
  add("load may go to", absl::StrJoin(status.allowed_targets(), ", "));
  add("host", absl::StrCat(status.cores(), " cores, ", status.cpu(), ", ",
                           status.kernel()));
  add("memory", FormatBytes(static_cast<double>(status.resident_bytes())));
  return table.Render(style, 0, 0);
}

std::string RenderCalibration(const v1::Calibration& calibration, Style style) {
  Table table({{""}, {""}});
  const auto add = [&](const std::string& name, std::string value) {
    table.AddRow({Paint(style, Color::kQuiet, name), std::move(value)});
  };
  add("clock", FormatDuration(ToDuration(calibration.clock_cost()), style) +
                   " a reading");
  add("timers late by", Three(calibration.timer_lateness(), style));
  for (const auto& pacing : calibration.pacing()) {
    add(absl::StrCat("lag at ", FormatRate(pacing.rate())),
        absl::StrCat(Three(pacing.lag(), style), "  (",
                     FormatShare(pacing.achieved()), " sent)"));
  }
  add("idle echo", Three(calibration.echo_round_trip(), style));
  add("at most", FormatRate(calibration.max_throughput()) + " echo calls");
  std::string text = table.Render(style, 0, 0);
  if (!calibration.advice().empty()) text += "\n";
  for (const auto& advice : calibration.advice()) {
    absl::StrAppend(&text, std::string(SymbolsOf(style).dot), " ",
                    Printable(advice), "\n");
  }
  return text;
}

}  // namespace perfrig
