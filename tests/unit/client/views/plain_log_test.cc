#include "client/views/plain_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/views/sample_run.h"

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Style kStyle = {.color = false, .utf8 = true};

TEST(PlainLogTest, WritesALineWhenATestStartsAndEnds) {
  PlainLog log(kStyle);
  v1::RunEvent finished;
  *finished.mutable_test_finished()->mutable_result() = PassingTest();

  EXPECT_THAT(log.Apply(RunningEvent()), ElementsAre("runs/20260301-1"));
  EXPECT_THAT(log.Apply(StartedEvent()),
              ElementsAre("▸ quickstart/echo  test 1 of 2, 10.0 s"));
  EXPECT_THAT(log.Apply(finished), ElementsAre(HasSubstr("✓ echo")));
}

TEST(PlainLogTest, WritesALineEveryFiveSecondsBetween) {
  PlainLog log(kStyle);
  log.Apply(StartedEvent());
  int lines = 0;

  for (int second = 1; second <= 12; ++second) {
    lines += static_cast<int>(log.Apply(SnapshotEvent(second)).size());
  }

  EXPECT_EQ(lines, 2);
}

TEST(PlainLogTest, TellsTheStateOnce) {
  PlainLog log(kStyle);
  log.Apply(RunningEvent());

  EXPECT_THAT(log.Apply(RunningEvent()), IsEmpty());
}

TEST(PlainLogTest, TellsTheQueueAndNotes) {
  PlainLog log(kStyle);
  v1::RunEvent queued = RunningEvent();
  queued.mutable_run()->set_state(v1::QUEUED);
  queued.mutable_run()->set_queue_position(1);
  v1::RunEvent note;
  note.set_note("waiting for the target");

  EXPECT_THAT(log.Apply(queued),
              ElementsAre("runs/20260301-1 waits, 1 ahead of it"));
  EXPECT_THAT(log.Apply(note), ElementsAre("  waiting for the target"));
}

}  // namespace
}  // namespace perfrig
