#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/cache/cache.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"
#include "tests/unit/server/cache/fake_tier.h"

namespace perfrig::cache {
namespace {

// Random operations, many under way at once, against a map of what each key may
// hold: a cache may forget, but never gives back what was replaced or
// invalidated before the question, nor another key's value.
class CacheModel {
 public:
  explicit CacheModel(std::uint64_t seed) : random_(seed) {}

  void Step() {
    const std::string key = absl::StrCat("key", random_() % 8);
    switch (random_() % 12) {
      case 0:
        Put(key);
        break;
      case 1:
        Invalidate(key);
        break;
      case 2:
        cache_->Clear();
        break;
      case 3:
      case 4:
      case 5:
        delays_.Advance(static_cast<Nanos>(random_() % (2 * kMillisecond)));
        break;
      case 6:
      case 7:
      case 8:
        GetOrCompute(key);
        break;
      default:
        Get(key);
    }
  }

  void Finish() {
    while (delays_.RunNext()) {
    }
    EXPECT_EQ(answered_ + withdrawn_, asked_);
    EXPECT_GT(hits_, asked_ / 10);
    const CacheStatistics statistics = cache_->statistics();
    EXPECT_EQ(statistics.flights.waiting, 0);
    EXPECT_EQ(statistics.second_tier->backpressure.in_flight, 0);
    EXPECT_EQ(statistics.second_tier->failures, 0);
  }

 private:
  // Values are "key:version"; those below `floor` are gone for good.
  void Put(const std::string& key) {
    const int version = ++version_;
    floor_[key] = version;
    cache_->Put(key, MakeValue(absl::StrCat(key, ":", version)), kNever,
                MakePending<absl::Status>([](auto&&) {}));
  }

  void Invalidate(const std::string& key) {
    floor_[key] = ++version_;
    cache_->Invalidate(key, MakePending<absl::Status>([](auto&&) {}));
  }

  PendingPtr<absl::StatusOr<Found>> Ask(const std::string& key) {
    ++asked_;
    return MakePending<absl::StatusOr<Found>>(
        [this, key, floor = floor_[key]](const absl::StatusOr<Found>& found) {
          ++answered_;
          ASSERT_TRUE(found.ok()) << found.status();
          if (found->value == nullptr) return;
          ++hits_;
          const std::string prefix = key + ":";
          ASSERT_TRUE(found->value->starts_with(prefix)) << *found->value;
          ASSERT_GE(std::stoi(found->value->substr(prefix.size())), floor);
        });
  }

  void Get(const std::string& key) {
    const auto pending = Ask(key);
    cache_->Get(key, pending);
    MaybeWithdraw(pending);
  }

  void GetOrCompute(const std::string& key) {
    const auto pending = Ask(key);
    cache_->GetOrCompute(
        key, kNever,
        [this, key](const PendingPtr<absl::StatusOr<Value>>& computed) {
          // Of the time when the computation began.
          const std::string text = absl::StrCat(key, ":", floor_[key]);
          const auto timer = delays_.Schedule(
              clock_.Now() + static_cast<Nanos>(random_() % kMillisecond),
              [computed, text] { computed->Answer(MakeValue(text)); });
          computed->OnWithdraw([this, timer] { delays_.Cancel(timer); });
        },
        pending);
    MaybeWithdraw(pending);
  }

  void MaybeWithdraw(const PendingPtr<absl::StatusOr<Found>>& pending) {
    if (random_() % 5 == 0 && pending->Withdraw()) ++withdrawn_;
  }

  std::mt19937_64 random_;
  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  FakeTier tier_{clock_, delays_};
  const std::shared_ptr<Cache> cache_ =
      Cache::Create({.first_tier = {.max_bytes = 1'500, .shards = 1},
                     .second_tier = {.backpressure = {.max_in_flight = 1'000}}},
                    {.clock = clock_, .delays = delays_, .tier = &tier_});
  std::map<std::string, int> floor_;
  int version_ = 0;
  int asked_ = 0;
  int answered_ = 0;
  int withdrawn_ = 0;
  int hits_ = 0;
};

TEST(CacheModelTest, NeverGivesBackWhatIsGone) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CacheModel model(seed);
    for (int i = 0; i < 5'000; ++i) model.Step();
    model.Finish();
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace perfrig::cache
