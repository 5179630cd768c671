// Judges thresholds while a test is at work: those that end it (abort_on_fail)
// and those that must hold in every window. Fed with what the generator tells
// each second; nothing on the load path knows of it.
#ifndef PERFRIG_SERVER_RUNS_ONLINE_JUDGE_H_
#define PERFRIG_SERVER_RUNS_ONLINE_JUDGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/run.pb.h"
#include "perfrig/v1/suite.pb.h"
#include "server/load/generator.h"
#include "server/runs/figure_names.h"
#include "server/runs/measured_test.h"
#include "server/suites/threshold.h"

namespace perfrig::runs {

class OnlineJudge {
 public:
  // `test` outlives it.
  OnlineJudge(const v1::Suite& suite, const v1::Test& test, FigureNames names);

  // Whether the test has such thresholds; if not, nothing needs to be told.
  [[nodiscard]] bool needed() const {
    return !ending_.empty() || !windows_.empty();
  }

  // `round` is 0-based.
  void BeginRound(std::uint32_t round);
  // With Second::steps.
  void Add(const load::Second& second);
  void EndRound();

  // The first threshold that ended the test, judged on the round until then.
  [[nodiscard]] const std::optional<v1::ThresholdResult>& ended_by() const {
    return ended_by_;
  }
  // By threshold, of all rounds.
  [[nodiscard]] std::map<std::string, WindowFigures> windows() const;

 private:
  // What was counted over some time of the round.
  struct Span {
    std::vector<load::Tally> steps;
    Nanos length = 0;
    Nanos worst_hiccup = 0;

    void Merge(const load::Second& second, Nanos time);
    void Clear();
  };
  // A threshold, and the window at work.
  struct Windowed {
    suites::Threshold threshold;
    Nanos length = 0;
    std::int64_t number = 0;
    Span span = {};
    WindowFigures figures = {};
  };

  [[nodiscard]] MeasuredTest Measure(const Span& span) const;
  void JudgeSoFar();
  void AddToWindow(const load::Second& second, Nanos from, Nanos to,
                   Windowed& windowed);
  void CloseWindow(Windowed& windowed) const;

  const v1::Test& test_;
  const FigureNames names_;
  const Nanos warmup_;
  // Of the measured time; kNever where the load ends by count.
  const Nanos end_;
  std::vector<suites::Threshold> ending_;
  std::vector<Windowed> windows_;
  std::uint32_t round_ = 0;
  Span so_far_;
  std::optional<v1::ThresholdResult> ended_by_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_ONLINE_JUDGE_H_
