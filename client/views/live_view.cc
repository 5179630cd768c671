#include "client/views/live_view.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/report.h"
#include "client/views/test_table.h"
#include "client/views/times.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

constexpr int kNameWidth = 28;
constexpr int kNarrowestName = 12;
constexpr std::uint64_t kDisturbedNanos = 1'000'000;

std::string Quantiles(const v1::Distribution& latency, bool p95, Style style) {
  const auto one = [&](const char* name, std::uint64_t nanos) {
    return absl::StrCat(
        name, " ",
        PadLeft(Sample(latency, static_cast<double>(nanos), style), 7));
  };
  return absl::StrCat(one("p50", latency.p50_ns()), "  ",
                      p95 ? one("p95", latency.p95_ns()) + "  " : "",
                      one("p99", latency.p99_ns()));
}

std::string Errors(const v1::Figures& figures, Style style) {
  // Calls in flight have no outcome yet, so `planned - ok` would mislead.
  const std::uint64_t errors = figures.failed() + figures.dropped();
  const std::string text =
      absl::StrCat(FormatCount(errors), errors == 1 ? " error" : " errors");
  return errors == 0 ? text : Paint(style, Color::kBad, text);
}

// Without the name, which stands before it.
std::string Outcome(const v1::TestResult& result, bool rate, bool p95,
                    Style style) {
  std::string text = PadRight(PaintedVerdict(result.verdict(), style), 4);
  const v1::Figures& figures = result.figures();
  if (figures.planned() == 0) return text;
  absl::StrAppend(&text, "  ", PadLeft(FormatCount(figures.planned()), 7),
                  " calls  ");
  if (rate) {
    absl::StrAppend(&text, PadLeft(FormatRate(figures.throughput()), 8), "  ");
  }
  return text + Quantiles(figures.latency(), p95, style);
}

// `prefix` says why `result` is not a PASS; "" where it is one.
std::string Reason(const v1::TestResult& result, const char* prefix) {
  if (result.verdict() == v1::PASS || result.reason().empty()) return "";
  return prefix + Printable(result.reason());
}

}  // namespace

std::vector<std::string> FinishedLines(const v1::TestResult& result,
                                       Style style, int columns) {
  const std::string mark = VerdictMark(result.verdict(), style) + " ";
  const std::string name = PadRight(result.test(), kNameWidth) + "  ";
  const std::string whole =
      absl::StrCat(mark, name, Outcome(result, true, true, style));
  if (columns <= 0 || DisplayWidth(whole + Reason(result, "  ")) <= columns) {
    return {whole + Reason(result, "  ")};
  }
  std::string outcome = Outcome(result, true, true, style);
  const auto room = [&] {
    return columns - DisplayWidth(mark) - DisplayWidth(outcome);
  };
  for (const bool rate : {true, false}) {
    if (room() >= DisplayWidth(name)) break;
    outcome = Outcome(result, rate, /*p95=*/false, style);
  }
  const std::string_view ellipsis = SymbolsOf(style).ellipsis;
  const int width =
      std::clamp(room() - 2, kNarrowestName, DisplayWidth(name) - 2);
  std::vector<std::string> lines = {CutToWidth(
      absl::StrCat(mark,
                   PadRight(CutMiddle(result.test(), width, ellipsis), width),
                   "  ", outcome),
      columns, ellipsis)};
  const std::string reason = Reason(result, "    ");
  if (reason.empty()) return lines;
  for (std::string& line : Wrap(reason, columns, 4, Separator(style))) {
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> LiveView::Apply(const v1::RunEvent& event,
                                         int columns) {
  const absl::Time time = ToTime(event.time());
  switch (event.kind_case()) {
    case v1::RunEvent::kRun:
      run_ = event.run();
      if (run_.state() == v1::FINISHED) finished_ = true;
      return {};
    case v1::RunEvent::kTestStarted:
      current_ = Current{event.test_started(), time, {}, {}};
      if (run_.state() != v1::FINISHED) run_.set_state(v1::RUNNING);
      return {};
    case v1::RunEvent::kSnapshot:
      if (!current_) {
        if (run_.state() == v1::RUN_STATE_UNSPECIFIED) {
          run_.set_state(v1::RUNNING);
        }
        current_ = Current{};
        current_->started.set_test(event.snapshot().test());
        current_->start = time - ToDuration(event.snapshot().elapsed());
      }
      current_->snapshot = event.snapshot();
      current_->elapsed = event.has_time()
                              ? time - current_->start
                              : ToDuration(event.snapshot().elapsed());
      run_.set_progress(event.snapshot().progress());
      *run_.mutable_remaining() = event.snapshot().remaining();
      return {};
    case v1::RunEvent::kTestFinished:
      current_.reset();
      return FinishedLines(event.test_finished().result(), style_, columns);
    case v1::RunEvent::kNote:
      return Wrap(Paint(style_, Color::kQuiet, "  " + Printable(event.note())),
                  columns, 2, Separator(style_));
    case v1::RunEvent::kFinished:
      run_ = event.finished();
      current_.reset();
      finished_ = true;
      return {};
    case v1::RunEvent::KIND_NOT_SET:
      return {};
  }
  return {};
}

std::string LiveView::TestLine(const Current& test, int columns) const {
  std::string line =
      absl::StrCat(Paint(style_, Color::kAccent, SymbolsOf(style_).running),
                   " ", PadRight(test.started.test(), kNameWidth), "  ");
  const absl::Duration planned = ToDuration(test.started.planned());
  if (planned > absl::ZeroDuration()) {
    const int width = std::clamp(columns - DisplayWidth(line) - 18, 8, 32);
    absl::StrAppend(
        &line, Bar(style_, absl::FDivDuration(test.elapsed, planned), width),
        "  ", FormatClock(test.elapsed), " of ", FormatClock(planned));
  } else {
    absl::StrAppend(&line, FormatClock(test.elapsed));
  }
  if (test.snapshot && test.snapshot->warmup()) {
    line += Paint(style_, Color::kQuiet, "  warming up");
  } else if (test.snapshot && test.snapshot->round() > 1) {
    absl::StrAppend(&line, "  round ", test.snapshot->round());
  }
  return line;
}

std::string LiveView::FiguresLine(const v1::Snapshot& snapshot,
                                  int columns) const {
  const v1::Figures& window = snapshot.window();
  std::string rate = FormatRate(window.throughput());
  if (snapshot.planned_rate() > 0) {
    absl::StrAppend(&rate, " of ", FormatRate(snapshot.planned_rate()));
  }
  std::string counts =
      absl::StrCat(Errors(snapshot.total(), style_), "   ",
                   FormatCount(snapshot.in_flight()), " in flight");
  if (snapshot.users() > 0) {
    absl::StrAppend(&counts, "   ", FormatCount(snapshot.users()), " users");
  }
  const auto line = [&](bool p95) {
    return absl::StrCat("  ", PadLeft(rate, 9), "   ",
                        Quantiles(window.latency(), p95, style_), "   ",
                        counts);
  };
  const std::string whole = line(true);
  return DisplayWidth(whole) <= columns ? whole : line(false);
}

std::string LiveView::HealthLine(const v1::Snapshot& snapshot) const {
  const v1::Distribution& lag = snapshot.window().lag();
  std::vector<std::string> parts;
  if (lag.count() > 0) {
    parts.push_back(absl::StrCat(
        "lag p99 ", FormatNanos(static_cast<double>(lag.p99_ns()), style_)));
  }
  parts.push_back(absl::StrCat(
      "worst hiccup ",
      FormatNanos(static_cast<double>(snapshot.worst_hiccup_ns()), style_)));
  const bool disturbed = snapshot.worst_hiccup_ns() > kDisturbedNanos ||
                         lag.p99_ns() > kDisturbedNanos;
  std::string text =
      absl::StrCat("rig: ", absl::StrJoin(parts, Separator(style_)));
  if (!disturbed) return Paint(style_, Color::kQuiet, text);
  absl::StrAppend(&text, Separator(style_),
                  "something else is at work on the daemon's host");
  return Paint(style_, Color::kWarning, text);
}

std::string LiveView::RunLine(int columns) const {
  if (run_.state() == v1::QUEUED && run_.queue_position() == 0) {
    return run_.name() + " starts";
  }
  if (run_.state() == v1::QUEUED) {
    return absl::StrCat(run_.name(), " waits, ", run_.queue_position(),
                        run_.queue_position() == 1 ? " run" : " runs",
                        " ahead of it");
  }
  std::vector<std::string> parts;
  if (current_ && current_->started.total() > 0) {
    parts.push_back(absl::StrCat("test ", current_->started.index(), " of ",
                                 current_->started.total()));
  }
  const absl::Duration left = ToDuration(run_.remaining());
  if (left > absl::ZeroDuration()) {
    parts.push_back(absl::StrCat(FormatClock(left), " left"));
  }
  if (!run_.name().empty()) parts.push_back(run_.name());
  const std::string text = absl::StrJoin(parts, Separator(style_));
  const int width = std::clamp(columns - DisplayWidth(text) - 12, 8, 32);
  return absl::StrCat(
      Bar(style_, run_.progress(), width), " ",
      PadLeft(absl::StrCat(static_cast<int>(run_.progress() * 100), " %"), 5),
      Paint(style_, Color::kQuiet,
            parts.empty() ? "" : Separator(style_) + text));
}

std::vector<std::string> LiveView::Frame(int columns) const {
  if (finished_ || run_.state() == v1::RUN_STATE_UNSPECIFIED) return {};
  std::vector<std::string> lines;
  if (current_) {
    lines.push_back(TestLine(*current_, columns));
    if (current_->snapshot) {
      lines.push_back(FiguresLine(*current_->snapshot, columns));
      for (std::string& line : Wrap("  " + HealthLine(*current_->snapshot),
                                    columns, 4, Separator(style_))) {
        lines.push_back(std::move(line));
      }
    }
    lines.emplace_back();
  }
  lines.push_back(RunLine(columns));
  if (!notice_.empty()) {
    lines.push_back(Paint(style_, Color::kWarning, notice_));
  }
  for (std::string& line : lines) {
    line = CutToWidth(line, columns, SymbolsOf(style_).ellipsis);
  }
  return lines;
}

}  // namespace perfrig
