// Calibrate: what it measures, and how it waits its turn.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "common/status/details.h"
#include "google/protobuf/util/time_util.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

class CalibrateTest : public DaemonTest {
 protected:
  absl::StatusOr<v1::Calibration> Calibrate() {
    return Call(*rig_, &v1::Rig::Stub::Calibrate, v1::CalibrateRequest());
  }

  std::future<absl::StatusOr<v1::Calibration>> CalibrateLater() {
    return std::async(std::launch::async, [this] { return Calibrate(); });
  }

  // Until `queued` runs or calibrations wait.
  void WaitForQueue(std::uint32_t queued) {
    const Nanos give_up = clock_.Now() + 30 * kSecond;
    while (clock_.Now() < give_up) {
      const auto status =
          Call(*rig_, &v1::Rig::Stub::GetStatus, v1::GetStatusRequest());
      ASSERT_TRUE(status.ok()) << status.status();
      if (status->runs_queued() == queued) return;
      clock_.SleepUntil(clock_.Now() + 20 * kMillisecond);
    }
    FAIL() << "never " << queued << " in the queue";
  }
};

TEST_F(CalibrateTest, TellsWhatTheHostCanMeasureAfterTheRunThatIsAtWork) {
  Start();
  const auto run = StartRun(EchoRun("{rate: 20/s, duration: 1s}"));
  ASSERT_TRUE(run.ok()) << run.status();

  const auto calibration = Calibrate();

  ASSERT_TRUE(calibration.ok()) << calibration.status();
  const auto kept = GetRun(run->name());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->state(), v1::FINISHED);
  EXPECT_GE(calibration->time(), kept->end_time());
  EXPECT_GT(calibration->clock_cost().nanos(), 0);
  EXPECT_GT(calibration->timer_lateness().count(), 0U);
  EXPECT_GT(calibration->echo_round_trip().count(), 0U);
  EXPECT_GT(calibration->echo_round_trip().p50_ns(), 0U);
  EXPECT_GT(calibration->max_throughput(), 0);
  ASSERT_GT(calibration->pacing_size(), 0);
  for (const auto& pacing : calibration->pacing()) {
    EXPECT_GT(pacing.rate(), 0);
    EXPECT_GT(pacing.achieved(), 0);
    EXPECT_GT(pacing.lag().count(), 0U);
  }
  EXPECT_THAT(calibration->advice(), Not(IsEmpty()));
}

TEST_F(CalibrateTest, IsRefusedWhereTheQueueIsFullAndEndsWithTheDaemon) {
  Config config = FreePorts();
  config.queue_limit = 1;
  Start(config);
  const auto run = StartRun(LongRun());
  ASSERT_TRUE(run.ok()) << run.status();
  ASSERT_NO_FATAL_FAILURE(WaitForQueue(0));
  auto waiting = CalibrateLater();
  ASSERT_NO_FATAL_FAILURE(WaitForQueue(1));

  const auto refused = Calibrate();
  daemon_->Drain(absl::ZeroDuration());
  const auto ended = waiting.get();

  EXPECT_TRUE(absl::IsResourceExhausted(refused.status())) << refused.status();
  EXPECT_TRUE(QuotaOf(refused.status()).has_value());
  // Not measured: the daemon had been told to end.
  EXPECT_TRUE(absl::IsUnavailable(ended.status())) << ended.status();
}

}  // namespace
}  // namespace perfrig
