#include "client/views/rig_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/views/sample_run.h"

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Style kStyle = {.color = false, .utf8 = true};

TEST(RigTextTest, ListsRunsByStateAndVerdict) {
  v1::ListRunsResponse list;
  v1::Run& running = *list.add_runs();
  running.set_name("runs/2");
  running.set_state(v1::RUNNING);
  running.set_progress(0.5);
  *list.add_runs() = FinishedRun();
  (*list.mutable_runs(1)->mutable_labels())["branch"] = "main";

  const std::string text = RenderRunList(list, kStyle, 0);

  EXPECT_THAT(text, HasSubstr("2           running 50 %"));
  EXPECT_THAT(text, HasSubstr("20260301-1  FAIL"));
  EXPECT_THAT(text, HasSubstr("13.0 s  quickstart  branch=main"));
}

TEST(RigTextTest, SaysHowTheDaemonIs) {
  v1::Status status;
  status.set_version("0.1.0");
  status.mutable_start_time()->set_seconds(1000);
  status.set_queue_limit(16);

  const std::string text =
      RenderStatus(status, absl::FromUnixSeconds(1090), kStyle);

  EXPECT_THAT(text, HasSubstr("perfrigd 0.1.0, serving"));
  EXPECT_THAT(text, HasSubstr("90.0 s"));
  EXPECT_THAT(text, HasSubstr("0 of at most 16"));
  EXPECT_THAT(text, Not(HasSubstr("http")));
}

TEST(RigTextTest, ShowsWhatTheHostCanMeasure) {
  v1::Calibration calibration;
  calibration.mutable_clock_cost()->set_nanos(25);
  v1::Calibration::Pacing& pacing = *calibration.add_pacing();
  pacing.set_rate(10'000);
  pacing.set_achieved(1);
  SetLatency(15'000, pacing.mutable_lag());
  calibration.set_max_throughput(120'000);
  calibration.add_advice("Bounds below 1 ms need care.");

  const std::string text = RenderCalibration(calibration, kStyle);

  EXPECT_THAT(text, HasSubstr("25 ns a reading"));
  EXPECT_THAT(text,
              HasSubstr("lag at 10,000/s  p50 15.0 µs  p99 45.0 µs  max 60.0 "
                        "µs  (100 % sent)"));
  EXPECT_THAT(text, HasSubstr("· Bounds below 1 ms need care."));
}

}  // namespace
}  // namespace perfrig
