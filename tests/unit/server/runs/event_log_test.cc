#include "server/runs/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig::runs {
namespace {

v1::RunEvent Note(const std::string& text) {
  v1::RunEvent event;
  event.set_note(text);
  return event;
}

v1::RunEvent Snapshot() {
  v1::RunEvent event;
  event.mutable_snapshot()->set_test("t");
  return event;
}

TEST(EventLogTest, NumbersEventsFromOneAndGivesThoseAfterANumber) {
  EventLog log;
  log.Append(Note("a"));
  log.Append(Note("b"));
  log.Append(Note("c"));

  bool missed = true;
  const auto events = log.Read(1, 10, &missed);

  ASSERT_EQ(events.size(), 2);
  EXPECT_EQ(events[0]->sequence(), 2);
  EXPECT_EQ(events[0]->note(), "b");
  EXPECT_EQ(events[1]->sequence(), 3);
  EXPECT_FALSE(missed);
}

TEST(EventLogTest, GivesNoMoreThanAskedFor) {
  EventLog log;
  for (int i = 0; i < 5; ++i) log.Append(Note("x"));

  bool missed = false;
  EXPECT_EQ(log.Read(0, 2, &missed).size(), 2);
}

TEST(EventLogTest, DropsTheOldestSnapshotBeforeAnythingElse) {
  EventLog log(3);
  log.Append(Note("first"));
  log.Append(Snapshot());
  log.Append(Snapshot());
  log.Append(Note("last"));

  bool missed = false;
  const auto all = log.Read(0, 10, &missed);
  EXPECT_TRUE(missed);
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0]->sequence(), 3);
  EXPECT_EQ(all[1]->note(), "last");
  EXPECT_FALSE((log.Read(2, 10, &missed), missed));
}

TEST(EventLogTest, StaysBoundedWithoutSnapshots) {
  EventLog log(3);
  for (int i = 0; i < 100; ++i) log.Append(Note("x"));

  bool missed = false;
  EXPECT_EQ(log.Read(97, 100, &missed).size(), 3);
  EXPECT_FALSE(missed);
  EXPECT_EQ(log.last_sequence(), 100);
}

TEST(EventLogTest, CallsListenersUntilTheyAreRemoved) {
  EventLog log;
  int calls = 0;
  const auto id = log.AddListener([&] { ++calls; });

  log.Append(Note("a"));
  log.RemoveListener(id);
  log.Append(Note("b"));

  EXPECT_EQ(calls, 1);
  EXPECT_EQ(log.listeners(), 0);
}

TEST(EventLogTest, AListenerMayReadTheLog) {
  EventLog log;
  std::uint64_t seen = 0;
  log.AddListener([&] { seen = log.last_sequence(); });

  log.Append(Note("a"));

  EXPECT_EQ(seen, 1);
}

TEST(EventLogTest, NothingFollowsTheEndOfTheRun) {
  EventLog log;
  v1::RunEvent end;
  end.mutable_finished()->set_name("runs/1");
  log.Append(end);

  log.Append(Note("late"));

  EXPECT_EQ(log.last_sequence(), 1U);
}

}  // namespace
}  // namespace perfrig::runs
