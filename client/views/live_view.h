// A run while it happens: events in, text out. Does no input or output.
#ifndef PERFRIG_CLIENT_VIEWS_LIVE_VIEW_H_
#define PERFRIG_CLIENT_VIEWS_LIVE_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

class LiveView {
 public:
  explicit LiveView(Style style) : style_(style) {}

  // Takes in the next event. What it returns stays on the terminal: the lines
  // of a finished test, a note.
  std::vector<std::string> Apply(const v1::RunEvent& event, int columns);

  // The block that is drawn again: the test at work and the run as a whole;
  // empty before the first event and once the run has finished. No line is
  // wider than `columns`.
  [[nodiscard]] std::vector<std::string> Frame(int columns) const;

  // Shown in the block until the end: "cancelling …".
  void SetNotice(std::string notice) { notice_ = std::move(notice); }

 private:
  struct Current {
    v1::TestStarted started;
    absl::Time start;
    absl::Duration elapsed;
    std::optional<v1::Snapshot> snapshot;
  };

  [[nodiscard]] std::string TestLine(const Current& test, int columns) const;
  [[nodiscard]] std::string FiguresLine(const v1::Snapshot& snapshot,
                                        int columns) const;
  [[nodiscard]] std::string HealthLine(const v1::Snapshot& snapshot) const;
  [[nodiscard]] std::string RunLine(int columns) const;

  Style style_;
  v1::Run run_;
  std::optional<Current> current_;
  std::string notice_;
  bool finished_ = false;
};

// A finished test: mark, name, verdict, key figures, and why it is not a PASS.
// One line; where that is wider than `columns` (0: no limit), the reason
// stands below, and the figures of the least worth are left out.
[[nodiscard]] std::vector<std::string> FinishedLines(
    const v1::TestResult& result, Style style, int columns);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_LIVE_VIEW_H_
