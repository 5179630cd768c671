#include "client/views/test_details.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/test_table.h"
#include "client/views/times.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

using Lines = std::vector<std::string>;

constexpr int kCallsShown = 3;

std::string Expression(const v1::ThresholdResult& threshold) {
  return threshold.expression() + (threshold.implied() ? " (implied)" : "");
}

std::string Margin(const v1::ThresholdResult& threshold, Style style) {
  std::string text = Paint(style, Color::kQuiet, threshold.margin_text());
  // What is missed by little is marked as missed, and that is enough.
  if (threshold.grade() != v1::BAD) return text;
  return absl::StrCat(text, text.empty() ? "" : Separator(style),
                      Paint(style, Color::kBad, "bad"));
}

void AddThresholds(const v1::TestResult& result, Style style, Lines& lines) {
  int expressions = 0;
  int values = 0;
  for (const auto& threshold : result.thresholds()) {
    expressions = std::max(expressions, DisplayWidth(Expression(threshold)));
    values = std::max(values, DisplayWidth(threshold.observed_text()));
  }
  for (const auto& threshold : result.thresholds()) {
    const Color color = VerdictColor(threshold.verdict());
    lines.push_back(absl::StrCat(
        "  ", VerdictMark(threshold.verdict(), style), " ",
        PadRight(Expression(threshold), expressions), "  ",
        PadLeft(Paint(style, color == Color::kGood ? Color::kPlain : color,
                      threshold.observed_text()),
                values),
        "  ", Margin(threshold, style)));
    if (threshold.reason().empty()) continue;
    lines.push_back(
        "      " +
        Paint(style, threshold.verdict() == v1::PASS ? Color::kQuiet : color,
              Printable(threshold.reason())));
  }
}

// What may explain the misses above.
void AddHints(const v1::TestResult& result, Style style, Lines& lines) {
  for (const std::string& hint : result.hints()) {
    if (hint == result.reason()) continue;
    lines.push_back("    " + Paint(style, Color::kAccent, "hint: ") +
                    Printable(hint));
  }
}

// What a search tried, in its order.
void AddTries(const v1::TestResult& result, Style style, Lines& lines) {
  if (result.tries().empty()) return;
  lines.push_back("  tries:");
  int widest = 0;
  for (const v1::SearchTry& tried : result.tries()) {
    widest = std::max(widest, DisplayWidth(FormatRate(tried.rate())));
  }
  for (const v1::SearchTry& tried : result.tries()) {
    std::string line =
        absl::StrCat("    ", VerdictMark(tried.verdict(), style), " ",
                     PadLeft(FormatRate(tried.rate()), widest));
    if (!tried.reason().empty()) {
      absl::StrAppend(&line, "  ", Printable(tried.reason()));
    }
    lines.push_back(std::move(line));
  }
}

void AddShown(const v1::TestResult& result, Style style, Lines& lines) {
  int expressions = 0;
  int values = 0;
  for (const auto& shown : result.shown()) {
    expressions = std::max(expressions, DisplayWidth(shown.expression()));
    values = std::max(values, DisplayWidth(shown.text()));
  }
  for (const auto& shown : result.shown()) {
    lines.push_back(absl::StrCat(
        "    ",
        Paint(style, Color::kQuiet,
              PadRight(Printable(shown.expression()), expressions)),
        "  ", PadLeft(shown.text(), values)));
  }
}

std::string Place(const v1::CallSample& call) {
  return absl::StrCat("    #", call.sequence(), call.step().empty() ? "" : " ",
                      call.step(), " at ", FormatOffset(ToDuration(call.at())));
}

void AddFailed(const v1::TestResult& result, Style style, Lines& lines) {
  if (result.failed().empty()) return;
  lines.push_back("  first failed calls:");
  const int shown = std::min(result.failed_size(), kCallsShown);
  for (int i = 0; i < shown; ++i) {
    const v1::CallSample& call = result.failed(i);
    std::string line = absl::StrCat(
        Place(call), ": ", Paint(style, Color::kBad, Printable(call.status())));
    if (!call.message().empty()) {
      absl::StrAppend(&line, ": ", Printable(call.message()));
    }
    lines.push_back(std::move(line));
  }
}

// Whoever reads of a miss asks when it was.
void AddSlowest(const v1::TestResult& result, Style style, Lines& lines) {
  if (result.verdict() == v1::PASS || result.slowest().empty()) return;
  lines.push_back("  slowest calls:");
  const int shown = std::min(result.slowest_size(), kCallsShown);
  for (int i = 0; i < shown; ++i) {
    const v1::CallSample& call = result.slowest(i);
    lines.push_back(absl::StrCat(
        Place(call), ": ",
        FormatNanos(static_cast<double>(call.latency_ns()), style)));
  }
}

// Of what processes use.
bool AreBytes(const std::string& name) {
  return absl::StartsWith(name, "resources.memory") ||
         absl::StartsWith(name, "resources.disk");
}

// Statuses, drops and observed metrics: only where they say something.
void AddCounts(const v1::TestResult& result, Style style, Lines& lines) {
  const v1::Figures& figures = result.figures();
  Lines parts;
  const std::map<std::string, std::uint64_t> statuses(
      figures.statuses().begin(), figures.statuses().end());
  for (const auto& [status, count] : statuses) {
    if (status == "OK" && statuses.size() == 1) continue;
    parts.push_back(absl::StrCat(status, " ", FormatCount(count)));
  }
  const auto add = [&](const char* name, std::uint64_t count) {
    if (count > 0) parts.push_back(absl::StrCat(FormatCount(count), " ", name));
  };
  add("late", figures.late());
  add("dropped", figures.dropped());
  add("unfinished", figures.unfinished());
  const std::string dot = Separator(style);
  if (!parts.empty()) lines.push_back("  calls: " + absl::StrJoin(parts, dot));
  if (figures.good() > 0) {
    lines.push_back(
        absl::StrCat("  goodput: ", FormatRate(figures.goodput()), dot,
                     FormatShare(static_cast<double>(figures.good()) /
                                 static_cast<double>(figures.planned())),
                     " good"));
  }
  const std::map<std::string, v1::Observed> observed(figures.observed().begin(),
                                                     figures.observed().end());
  for (const auto& [name, values] : observed) {
    // Measured because a threshold or `show` has it, which tells it already.
    if (absl::StartsWith(name, "phase.") || absl::StartsWith(name, "target.")) {
      continue;
    }
    const auto text = [bytes = AreBytes(name)](double value) {
      return bytes ? FormatBytes(value) : FormatNumber(value);
    };
    lines.push_back(absl::StrCat("  ", name, ": avg ", text(values.mean()), dot,
                                 "min ", text(values.min()), dot, "max ",
                                 text(values.max())));
  }
}

// Every call has a first message; a gap between messages only streams have.
void AddStreams(const v1::TestResult& result, Style style, Lines& lines) {
  const v1::Figures& figures = result.figures();
  const auto both = [&](const char* name, const v1::Distribution& times) {
    return absl::StrCat(
        name, " p50 ",
        Sample(times, static_cast<double>(times.p50_ns()), style), " p95 ",
        Sample(times, static_cast<double>(times.p95_ns()), style));
  };
  if (figures.message_latency().count() > 0) {
    lines.push_back("  sessions: " +
                    both("message_latency", figures.message_latency()));
  }
  if (figures.message_gap().count() == 0) return;
  lines.push_back(absl::StrCat(
      "  streams: ", both("first_message", figures.first_message()),
      Separator(style), both("message_gap", figures.message_gap())));
}

void AddRetries(const v1::TestResult& result, Style style, Lines& lines) {
  const v1::Figures& figures = result.figures();
  if (figures.retries() == 0) return;
  const v1::Distribution& pauses = figures.backoff();
  lines.push_back(absl::StrCat(
      "  retries: ", FormatCount(figures.retries()), Separator(style),
      "backoff p50 ", FormatNanos(static_cast<double>(pauses.p50_ns()), style),
      " max ", FormatNanos(static_cast<double>(pauses.max_ns()), style)));
}

std::string Pair(const char* name, const v1::Distribution& distribution,
                 Style style) {
  return absl::StrCat(
      name, " p50 ",
      FormatNanos(static_cast<double>(distribution.p50_ns()), style), " p99 ",
      FormatNanos(static_cast<double>(distribution.p99_ns()), style));
}

std::string ConnectionsText(const v1::ConnectionFigures& figures, Style style) {
  std::string text =
      absl::StrCat(figures.connections(),
                   figures.connections() == 1 ? " connection" : " connections");
  if (figures.connect().count() > 0) {
    absl::StrAppend(
        &text, " in ",
        FormatNanos(static_cast<double>(figures.connect().max_ns()), style));
  }
  if (figures.reconnects() > 0) {
    absl::StrAppend(&text, ", ", figures.reconnects(), " made anew");
  }
  return text;
}

}  // namespace

std::string RigLine(const v1::TestResult& result, Style style) {
  const v1::RigFigures& rig = result.rig();
  Lines parts;
  if (result.connections().connections() > 0) {
    parts.push_back(ConnectionsText(result.connections(), style));
  }
  if (result.figures().lag().count() > 0) {
    parts.push_back(Pair("lag", result.figures().lag(), style));
  }
  if (rig.hiccups().count() > 0) {
    parts.push_back(absl::StrCat(
        "worst hiccup ",
        FormatNanos(static_cast<double>(rig.hiccups().max_ns()), style)));
  }
  if (rig.lanes() > 0) {
    parts.push_back(absl::StrCat("lane CPU ", FormatShare(rig.lane_cpu())));
  }
  if (rig.mock_lateness().count() > 0) {
    parts.push_back(Pair("mock lateness", rig.mock_lateness(), style));
  }
  if (parts.empty()) return "";
  return "rig: " + absl::StrJoin(parts, Separator(style));
}

std::vector<std::string> TestDetails(const v1::TestResult& result,
                                     Style style) {
  Lines lines;
  std::string name = absl::StrCat(VerdictMark(result.verdict(), style), " ",
                                  Paint(style, Color::kStrong, result.test()));
  if (result.needed_by_other()) {
    name += Paint(style, Color::kQuiet, " (run because a threshold needs it)");
  }
  if (result.verdict() != v1::PASS) {
    absl::StrAppend(&name, "  ", PaintedVerdict(result.verdict(), style));
    if (!result.reason().empty()) {
      absl::StrAppend(&name, ": ", Printable(result.reason()));
    }
  }
  lines.push_back(std::move(name));
  AddThresholds(result, style, lines);
  AddShown(result, style, lines);
  AddHints(result, style, lines);
  AddTries(result, style, lines);
  AddCounts(result, style, lines);
  AddRetries(result, style, lines);
  AddStreams(result, style, lines);
  if (!result.cpu_profile().empty()) {
    lines.push_back(absl::StrCat("  cpu profile: ", result.cpu_profile_size(),
                                 " stacks; perfrig result RUN --folded FILE "
                                 "writes them"));
  }
  AddFailed(result, style, lines);
  AddSlowest(result, style, lines);
  const std::string rig = RigLine(result, style);
  if (!rig.empty()) lines.push_back("  " + Paint(style, Color::kQuiet, rig));
  return lines;
}

}  // namespace perfrig
