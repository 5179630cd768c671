#include "server/runs/kept_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace perfrig::runs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kMany = 100;

KeptRuns::Record RecordOf(const std::string& name, v1::RunState state,
                          std::size_t bytes = 0) {
  auto run = std::make_shared<v1::Run>();
  run->set_name("runs/" + name);
  run->set_state(state);
  auto record = std::make_shared<RunRecord>();
  record->run = std::move(run);
  record->bytes = bytes;
  return record;
}

std::vector<std::string> Names(
    const std::vector<std::shared_ptr<const v1::Run>>& runs) {
  std::vector<std::string> names;
  for (const auto& run : runs) names.push_back(run->name().substr(5));
  return names;
}

std::vector<std::string> Finished(const KeptRuns& kept) {
  return Names(kept.Finished(kMany));
}

TEST(KeptRunsTest, ForgetsTheOldestBeyondTheNumber) {
  KeptRuns kept(2, kMany);
  for (const char* name : {"1", "2", "3"}) {
    kept.Add(RecordOf(name, v1::FINISHED), "key" + std::string(name));
  }

  kept.ForgetOldest();

  EXPECT_THAT(Finished(kept), ElementsAre("3", "2"));
  EXPECT_EQ(kept.FindByKey("key1"), nullptr);
  EXPECT_TRUE(absl::IsNotFound(kept.Find("1").status()));
  EXPECT_TRUE(kept.Find("runs/2").ok());
}

TEST(KeptRunsTest, ForgetsTheOldestBeyondTheBytes) {
  KeptRuns kept(kMany, 100);
  kept.Add(RecordOf("1", v1::FINISHED, 1), "");
  kept.Add(RecordOf("2", v1::FINISHED, 60), "");
  kept.Add(RecordOf("3", v1::FINISHED, 50), "");
  kept.Add(RecordOf("4", v1::FINISHED, 50), "");

  kept.ForgetOldest();

  EXPECT_THAT(Finished(kept), ElementsAre("4", "3"))
      << "a small one does not outlive newer ones";
}

TEST(KeptRunsTest, ARunLargerThanAllBytesIsKeptUntilTheNext) {
  KeptRuns kept(kMany, 100);
  kept.Add(RecordOf("1", v1::FINISHED, 1'000), "");

  kept.ForgetOldest();
  EXPECT_THAT(Finished(kept), ElementsAre("1"));

  kept.Add(RecordOf("2", v1::FINISHED, 1), "");
  kept.ForgetOldest();
  EXPECT_THAT(Finished(kept), ElementsAre("2"));
}

TEST(KeptRunsTest, RunsThatHaveNotFinishedStay) {
  KeptRuns kept(1, 1);
  kept.Add(RecordOf("1", v1::QUEUED), "");
  kept.Add(RecordOf("2", v1::FINISHED, 5), "");
  kept.Add(RecordOf("3", v1::RUNNING), "");
  kept.Add(RecordOf("4", v1::FINISHED, 5), "");

  kept.ForgetOldest();

  bool more = true;
  EXPECT_THAT(Names(kept.Page("", kMany, &more)), ElementsAre("4", "3", "1"));
  EXPECT_FALSE(more);
  EXPECT_EQ(kept.CountFinished(), 1);
}

TEST(KeptRunsTest, OfOlderRunsOnlyTheLastEventIsKept) {
  KeptRuns kept(kMany, kMany);
  const auto with_events = [](const std::string& name) {
    auto record = RecordOf(name, v1::FINISHED);
    for (int i = 0; i < 3; ++i) record->log->Append(v1::RunEvent());
    return record;
  };
  const auto older = with_events("1");
  const auto newest = with_events("2");
  kept.Add(older, "");
  kept.Add(newest, "");

  kept.ForgetOldest();

  bool missed = false;
  EXPECT_EQ(older->log->Read(0, kMany, &missed).size(), 1);
  EXPECT_EQ(newest->log->Read(0, kMany, &missed).size(), 3);
}

TEST(KeptRunsTest, NoKeyFindsNothing) {
  KeptRuns kept(kMany, kMany);
  kept.Add(RecordOf("1", v1::QUEUED), "");

  EXPECT_EQ(kept.FindByKey(""), nullptr);
  EXPECT_THAT(Finished(kept), IsEmpty());
}

}  // namespace
}  // namespace perfrig::runs
