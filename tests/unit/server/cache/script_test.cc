// A script of a mock target waits for the cache as it waits for anything else.
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "server/cache/cache.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/task.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::cache {
namespace {

using targets::Launch;
using targets::Scope;
using targets::Task;

class CacheWait final : public targets::Wait {
 public:
  CacheWait(Scope& scope, Cache& cache, std::string key, Cache::Compute compute,
            Found& found)
      : Wait(scope),
        cache_(cache),
        key_(std::move(key)),
        compute_(std::move(compute)),
        pending_(MakePending<absl::StatusOr<Found>>(
            [this, &found](absl::StatusOr<Found> result) {
              if (result.ok()) found = *result;
              Complete(result.status());
            })) {}

 private:
  void Begin() override {
    const auto pending = pending_;
    cache_.GetOrCompute(key_, kNever, compute_, pending);
  }
  bool Cancel() override { return pending_->Withdraw(); }

  Cache& cache_;
  const std::string key_;
  const Cache::Compute compute_;
  const PendingPtr<absl::StatusOr<Found>> pending_;
};

Task<absl::Status> GetIt(Scope& scope, Cache& cache, Cache::Compute compute,
                         Found& found) {
  co_return co_await CacheWait(scope, cache, "a", std::move(compute), found);
}

class CacheScriptTest : public ::testing::Test {
 protected:
  void Run(Scope& scope, Found& found, absl::Status& status) {
    Launch(GetIt(
               scope, *cache_,
               [this](const PendingPtr<absl::StatusOr<Value>>& computed) {
                 const auto timer = delays_.Schedule(
                     clock_.Now() + kSecond,
                     [computed] { computed->Answer(MakeValue("made")); });
                 computed->OnWithdraw([this, timer] { delays_.Cancel(timer); });
               },
               found),
           [&status](absl::Status ended) { status = std::move(ended); });
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  const std::shared_ptr<Cache> cache_ =
      Cache::Create({}, {.clock = clock_, .delays = delays_});
};

TEST_F(CacheScriptTest, WaitsForWhatAnotherComputes) {
  Scope first_scope;
  Scope second_scope;
  Found first;
  Found second;
  absl::Status first_status = absl::UnknownError("runs");
  absl::Status second_status = absl::UnknownError("runs");

  Run(first_scope, first, first_status);
  Run(second_scope, second, second_status);
  EXPECT_EQ(delays_.pending(), 1);
  delays_.Advance(kSecond);

  EXPECT_TRUE(first_status.ok());
  EXPECT_TRUE(second_status.ok());
  EXPECT_EQ(*first.value, "made");
  EXPECT_EQ(first.value, second.value);
  Run(first_scope, first, first_status);
  EXPECT_EQ(first.source, Source::kFirstTier);
}

TEST_F(CacheScriptTest, ACancelledScriptEndsAtOnceAndSoDoesItsWork) {
  Scope scope;
  Found found;
  absl::Status status = absl::UnknownError("runs");
  Run(scope, found, status);

  scope.Cancel();

  EXPECT_TRUE(absl::IsCancelled(status));
  delays_.Advance(0);
  EXPECT_EQ(delays_.pending(), 0);
}

}  // namespace
}  // namespace perfrig::cache
