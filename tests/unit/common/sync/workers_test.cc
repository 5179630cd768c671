#include "common/sync/workers.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace perfrig {
namespace {

TEST(Workers, EveryTaskIsDone) {
  Workers workers(2);
  constexpr int kTasks = 100;
  std::vector<std::promise<int>> done(kTasks);

  for (int i = 0; i < kTasks; ++i) {
    ASSERT_TRUE(workers.Post([&done, i] { done[i].set_value(i); }).ok());
  }

  for (int i = 0; i < kTasks; ++i) EXPECT_EQ(done[i].get_future().get(), i);
}

TEST(Workers, OneTaskThatBlocksDoesNotHoldUpTheNext) {
  Workers workers(2);
  std::promise<void> release;
  std::promise<void> passed;

  ASSERT_TRUE(workers.Post([&] { release.get_future().wait(); }).ok());
  ASSERT_TRUE(workers.Post([&] { passed.set_value(); }).ok());

  passed.get_future().wait();
  release.set_value();
}

TEST(Workers, WhoCannotWaitAnyMoreIsToldSo) {
  std::promise<void> started;
  std::promise<void> release;
  Workers workers(1, 1);
  ASSERT_TRUE(workers
                  .Post([&] {
                    started.set_value();
                    release.get_future().wait();
                  })
                  .ok());
  started.get_future().wait();
  ASSERT_TRUE(workers.Post([] {}).ok());

  const absl::Status refused = workers.Post([] {});

  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  release.set_value();
}

TEST(Workers, WhatWaitsAtTheEndIsDroppedAndLetGo) {
  std::promise<void> started;
  std::promise<void> release;
  auto held = std::make_shared<int>(1);
  std::weak_ptr<int> watch = held;
  {
    Workers workers(1);
    ASSERT_TRUE(workers
                    .Post([&] {
                      started.set_value();
                      release.get_future().wait();
                    })
                    .ok());
    started.get_future().wait();
    ASSERT_TRUE(workers.Post([held = std::move(held)] {}).ok());
    release.set_value();
  }

  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace perfrig
