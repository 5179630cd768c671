#include "client/views/plain_log.h"

#include "absl/strings/str_cat.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/live_view.h"
#include "client/views/report.h"
#include "client/views/test_table.h"
#include "client/views/times.h"

namespace perfrig {
namespace {

constexpr absl::Duration kEvery = absl::Seconds(5);

}  // namespace

std::vector<std::string> PlainLog::OnSnapshot(const v1::Snapshot& snapshot) {
  const absl::Duration elapsed = ToDuration(snapshot.elapsed());
  if (snapshot.round() != round_) {
    round_ = snapshot.round();
    next_ = kEvery;
  }
  if (elapsed < next_) return {};
  while (next_ <= elapsed) next_ += kEvery;
  const v1::Figures& window = snapshot.window();
  const v1::Distribution& latency = window.latency();
  return {absl::StrCat(
      "  ", FormatClock(elapsed), "  ", snapshot.test(), "  ",
      FormatRate(window.throughput()), "  p50 ",
      Sample(latency, static_cast<double>(latency.p50_ns()), style_), "  p99 ",
      Sample(latency, static_cast<double>(latency.p99_ns()), style_), "  ",
      FormatCount(snapshot.total().failed() + snapshot.total().dropped()),
      " errors  ", FormatCount(snapshot.in_flight()), " in flight",
      snapshot.warmup() ? "  (warm-up)" : "")};
}

std::vector<std::string> PlainLog::Apply(const v1::RunEvent& event) {
  switch (event.kind_case()) {
    case v1::RunEvent::kRun: {
      const v1::Run& run = event.run();
      if (run.state() == v1::QUEUED && run.queue_position() > 0) {
        return {absl::StrCat(run.name(), " waits, ", run.queue_position(),
                             " ahead of it")};
      }
      if (run.state() != v1::RUNNING || run.name() == run_) return {};
      run_ = run.name();
      return {run_};
    }
    case v1::RunEvent::kTestStarted: {
      const v1::TestStarted& started = event.test_started();
      next_ = kEvery;
      round_ = 0;
      std::string line =
          absl::StrCat(std::string(SymbolsOf(style_).running), " ",
                       ShortName(started.suite()), "/", started.test(),
                       "  test ", started.index(), " of ", started.total());
      if (started.has_planned()) {
        absl::StrAppend(&line, ", ",
                        FormatDuration(ToDuration(started.planned()), style_));
      }
      return {std::move(line)};
    }
    case v1::RunEvent::kSnapshot:
      return OnSnapshot(event.snapshot());
    case v1::RunEvent::kTestFinished:
      return FinishedLines(event.test_finished().result(), style_, 0);
    case v1::RunEvent::kNote:
      return {"  " + Printable(event.note())};
    case v1::RunEvent::kFinished:
    case v1::RunEvent::KIND_NOT_SET:
      return {};
  }
  return {};
}

}  // namespace perfrig
