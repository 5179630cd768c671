#include "server/cache/cache.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"
#include "tests/unit/server/cache/answers.h"
#include "tests/unit/server/cache/fake_tier.h"

namespace perfrig::cache {
namespace {

using Computed = PendingPtr<absl::StatusOr<Value>>;

class CacheTest : public ::testing::Test {
 protected:
  std::shared_ptr<Cache> Make(const CacheOptions& options = {},
                              Keyring* keyring = nullptr) {
    return Cache::Create(options, {.clock = clock_,
                                   .delays = delays_,
                                   .tier = &tier_,
                                   .keyring = keyring});
  }

  absl::StatusOr<Found> Get(Cache& cache, const std::string& key) {
    Answers<absl::StatusOr<Found>> answers;
    cache.Get(key, answers.Ask());
    while (answers.size() == 0 && delays_.RunNext()) {
    }
    return answers.at(0);
  }
  absl::Status Put(Cache& cache, const std::string& key,
                   const std::string& value, Nanos ttl = kNever) {
    Answers<absl::Status> answers;
    cache.Put(key, MakeValue(value), ttl, answers.Ask());
    while (answers.size() == 0 && delays_.RunNext()) {
    }
    return answers.at(0);
  }
  absl::Status Invalidate(Cache& cache, const std::string& key) {
    Answers<absl::Status> answers;
    cache.Invalidate(key, answers.Ask());
    while (answers.size() == 0 && delays_.RunNext()) {
    }
    return answers.at(0);
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  FakeTier tier_{clock_, delays_};
};

TEST_F(CacheTest, FindsWhatWasPutInTheFirstTierThatHasIt) {
  const auto cache = Make();
  ASSERT_TRUE(Put(*cache, "a", "value").ok());

  EXPECT_EQ(Get(*cache, "a")->source, Source::kFirstTier);
  cache->Clear();
  EXPECT_EQ(Get(*cache, "a")->source, Source::kSecondTier);
  EXPECT_EQ(Get(*cache, "a")->source, Source::kFirstTier);

  EXPECT_EQ(*Get(*cache, "a")->value, "value");
  EXPECT_EQ(Get(*cache, "b")->value, nullptr);
  const CacheStatistics statistics = cache->statistics();
  EXPECT_EQ(statistics.first_tier_hits, 3);
  EXPECT_EQ(statistics.second_tier_hits, 1);
  EXPECT_EQ(statistics.misses, 1);
  EXPECT_EQ(statistics.puts, 1);
}

TEST_F(CacheTest, WorksWithoutASecondTier) {
  const auto cache = Cache::Create({}, {.clock = clock_, .delays = delays_});

  EXPECT_TRUE(Put(*cache, "a", "value").ok());
  EXPECT_EQ(*Get(*cache, "a")->value, "value");
  EXPECT_TRUE(Invalidate(*cache, "a").ok());

  EXPECT_EQ(Get(*cache, "a")->source, Source::kNowhere);
  EXPECT_FALSE(cache->statistics().second_tier.has_value());
}

TEST_F(CacheTest, TwoCachesShareASecondTier) {
  const auto one = Make();
  const auto other = Make();

  ASSERT_TRUE(Put(*one, "a", "value").ok());

  EXPECT_EQ(*Get(*other, "a")->value, "value");
}

TEST_F(CacheTest, AValueEndsInBothTiersAtTheSameTime) {
  const auto cache = Make();
  ASSERT_TRUE(Put(*cache, "a", "value", 10 * kSecond).ok());
  cache->Clear();
  delays_.Advance(9 * kSecond);
  EXPECT_EQ(Get(*cache, "a")->source, Source::kSecondTier);
  EXPECT_EQ(Get(*cache, "a")->source, Source::kFirstTier);

  delays_.Advance(kSecond);

  EXPECT_EQ(Get(*cache, "a")->value, nullptr);
}

TEST_F(CacheTest, KeysAndValuesHaveTheirBounds) {
  const auto cache = Make({.max_key_bytes = 3, .max_value_bytes = 5});

  EXPECT_TRUE(absl::IsInvalidArgument(Get(*cache, "").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Get(*cache, "long").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Put(*cache, "key", "valued")));
  EXPECT_TRUE(absl::IsInvalidArgument(Invalidate(*cache, "")));

  EXPECT_TRUE(Put(*cache, "key", "value").ok());
}

TEST_F(CacheTest, ComputesOnceForAllAndKeepsItInBothTiers) {
  const auto cache = Make();
  Answers<absl::StatusOr<Found>> answers;
  int computations = 0;
  for (int i = 0; i < 3; ++i) {
    cache->GetOrCompute(
        "a", kNever,
        [&](const Computed& computed) {
          ++computations;
          delays_.Schedule(clock_.Now() + kSecond,
                           [computed] { computed->Answer(MakeValue("made")); });
        },
        answers.Ask());
  }

  delays_.Advance(2 * kSecond);

  ASSERT_EQ(answers.size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answers.at(i)->source, Source::kComputed);
    EXPECT_EQ(*answers.at(i)->value, "made");
  }
  EXPECT_EQ(computations, 1);
  EXPECT_EQ(Get(*cache, "a")->source, Source::kFirstTier);
  cache->Clear();
  EXPECT_EQ(Get(*cache, "a")->source, Source::kSecondTier);
}

TEST_F(CacheTest, ComputesNothingThatTheSecondTierHas) {
  ASSERT_TRUE(Put(*Make(), "a", "kept").ok());
  const auto cache = Make();
  Answers<absl::StatusOr<Found>> answers;

  cache->GetOrCompute(
      "a", kNever, [](const Computed&) { FAIL(); }, answers.Ask());
  delays_.Advance(kSecond);

  EXPECT_EQ(*answers.at(0)->value, "kept");
}

TEST_F(CacheTest, AComputationThatFailsIsKeptByNobody) {
  const auto cache = Make();
  Answers<absl::StatusOr<Found>> answers;

  cache->GetOrCompute(
      "a", kNever,
      [](const Computed& computed) {
        computed->Answer(absl::InternalError("no"));
      },
      answers.Ask());
  delays_.Advance(kSecond);

  EXPECT_TRUE(absl::IsInternal(answers.at(0).status()));
  EXPECT_EQ(Get(*cache, "a")->value, nullptr);
}

TEST_F(CacheTest, WhatIsInvalidatedWhileItIsComputedIsNotKept) {
  const auto cache = Make();
  Answers<absl::StatusOr<Found>> answers;
  Computed computing;
  cache->GetOrCompute(
      "a", kNever, [&](const Computed& computed) { computing = computed; },
      answers.Ask());
  delays_.Advance(10 * kMillisecond);

  ASSERT_TRUE(Invalidate(*cache, "a").ok());
  computing->Answer(MakeValue("stale"));
  delays_.Advance(kSecond);

  EXPECT_EQ(*answers.at(0)->value, "stale");
  EXPECT_EQ(Get(*cache, "a")->value, nullptr);
}

TEST_F(CacheTest, WhatIsPutWhileItIsFetchedIsNewer) {
  ASSERT_TRUE(Put(*Make(), "a", "old").ok());
  const auto cache = Make();
  Answers<absl::StatusOr<Found>> answers;
  Answers<absl::Status> puts;

  cache->Get("a", answers.Ask());
  cache->Put("a", MakeValue("new"), kNever, puts.Ask());
  delays_.Advance(kSecond);

  EXPECT_EQ(*answers.at(0)->value, "old");
  EXPECT_EQ(*Get(*cache, "a")->value, "new");
}

TEST_F(CacheTest, WhenAllHaveWithdrawnTheWorkBehindEnds) {
  const auto cache = Make();
  Answers<absl::StatusOr<Found>> answers;
  bool computes = false;
  const auto compute = [&](const Computed&) { computes = true; };
  const auto one = answers.Ask();
  const auto other = answers.Ask();
  cache->GetOrCompute("a", kNever, compute, one);
  cache->GetOrCompute("a", kNever, compute, other);

  one->Withdraw();
  other->Withdraw();
  delays_.Advance(0);

  EXPECT_EQ(tier_.withdrawn, 1);
  EXPECT_EQ(delays_.pending(), 0);
  EXPECT_EQ(cache->statistics().second_tier->backpressure.in_flight, 0);
  delays_.Advance(kSecond);
  EXPECT_FALSE(computes);
  EXPECT_EQ(answers.size(), 0);
}

TEST_F(CacheTest, ADamagedValueIsAMiss) {
  const auto keyring =
      *Keyring::Create({.id = 1, .secret = std::string(32, 'k')});
  const auto wrong =
      *Keyring::Create({.id = 1, .secret = std::string(32, 'w')});
  for (Keyring* const used : {static_cast<Keyring*>(nullptr), keyring.get()}) {
    const auto cache = Make({}, used);
    ASSERT_TRUE(Put(*cache, "a", "secret").ok());
    const std::string whole = *tier_.values["a"];
    EXPECT_EQ(whole.find("secret") == whole.npos, used != nullptr);
    std::string flipped = whole;
    flipped.back() = static_cast<char>(flipped.back() ^ 1);

    tier_.values["a"] = MakeValue(flipped);
    cache->Clear();
    EXPECT_EQ(Get(*cache, "a")->value, nullptr);
    tier_.values["a"] = MakeValue(whole.substr(0, whole.size() - 1));
    EXPECT_EQ(Get(*cache, "a")->value, nullptr);
    tier_.values["b"] = MakeValue(whole);
    EXPECT_EQ(Get(*cache, "b")->value, nullptr);

    EXPECT_EQ(cache->statistics().second_tier->damaged, 3);
    EXPECT_EQ(cache->statistics().misses, 3);
    tier_.values["a"] = MakeValue(whole);
    EXPECT_EQ(*Get(*cache, "a")->value, "secret");
  }
  const auto cache = Make({}, wrong.get());
  EXPECT_EQ(Get(*cache, "a")->value, nullptr);
  EXPECT_EQ(cache->statistics().second_tier->damaged, 1);
}

TEST_F(CacheTest, CachesWithOtherPrefixesSeeNothingOfEachOther) {
  const auto one = Make({.second_tier = {.prefix = "1:"}});
  const auto other = Make({.second_tier = {.prefix = "2:"}});
  ASSERT_TRUE(Put(*one, "a", "1").ok());
  ASSERT_TRUE(Put(*other, "a", "2").ok());
  one->Clear();

  EXPECT_EQ(*Get(*one, "a")->value, "1");
  ASSERT_TRUE(Invalidate(*one, "a").ok());
  other->Clear();
  EXPECT_EQ(*Get(*other, "a")->value, "2");
  EXPECT_EQ(tier_.values.size(), 1);
}

TEST_F(CacheTest, KeysMayRotateUnderACache) {
  const auto keyring =
      *Keyring::Create({.id = 1, .secret = std::string(32, '1')});
  const auto cache = Make({}, keyring.get());
  ASSERT_TRUE(Put(*cache, "a", "old").ok());

  ASSERT_TRUE(keyring->Rotate({.id = 2, .secret = std::string(32, '2')}).ok());
  ASSERT_TRUE(Put(*cache, "b", "new").ok());
  cache->Clear();

  EXPECT_EQ(*Get(*cache, "a")->value, "old");
  EXPECT_EQ(*Get(*cache, "b")->value, "new");
}

TEST_F(CacheTest, OnlyALargeValueIsSealedBeforeItsTurn) {
  const auto keyring =
      *Keyring::Create({.id = 1, .secret = std::string(32, '1')});
  CacheOptions options;
  options.second_tier.backpressure = {.max_in_flight = 1};
  const auto cache = Make(options, keyring.get());
  Answers<absl::Status> answers;
  cache->Put("first", MakeValue("x"), kNever, answers.Ask());
  cache->Put("small", MakeValue("x"), kNever, answers.Ask());
  cache->Put("large", MakeValue(std::string(100'000, 'x')), kNever,
             answers.Ask());
  ASSERT_TRUE(keyring->Rotate({.id = 2, .secret = std::string(32, '2')}).ok());

  while (answers.size() < 3 && delays_.RunNext()) {
  }
  ASSERT_TRUE(keyring->Retire(1).ok());
  cache->Clear();

  EXPECT_EQ(*Get(*cache, "small")->value, "x");
  EXPECT_EQ(Get(*cache, "large")->value, nullptr);
  EXPECT_EQ(cache->statistics().second_tier->damaged, 1);
}

TEST_F(CacheTest, ADeadSecondTierOpensTheBreakerAndTheFirstGoesOn) {
  const auto cache = Make();
  ASSERT_TRUE(Put(*cache, "a", "value").ok());
  tier_.dead = true;

  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(*Get(*cache, "a")->value, "value");
    ASSERT_TRUE(Get(*cache, absl::StrCat("b", i)).ok());
    EXPECT_TRUE(absl::IsUnavailable(Put(*cache, "c", absl::StrCat(i))));
    EXPECT_EQ(*Get(*cache, "c")->value, absl::StrCat(i));
  }

  // One put worked; ten failures more and half of twenty had failed.
  EXPECT_LE(tier_.asked, 21);
  const GuardedTierStatistics statistics = *cache->statistics().second_tier;
  EXPECT_EQ(statistics.breaker.state, BreakerState::kOpen);
  EXPECT_EQ(statistics.failures, statistics.operations - 1);
  // Of each round, a get and a put reach for the second tier.
  EXPECT_EQ(statistics.skipped, 201 - statistics.operations);
  tier_.dead = false;
  delays_.Advance(kSecond);
  for (int i = 0; i < 3; ++i) Get(*cache, absl::StrCat("d", i)).IgnoreError();
  EXPECT_EQ(cache->statistics().second_tier->breaker.state,
            BreakerState::kClosed);
}

TEST_F(CacheTest, InvalidateTellsWhereTheSecondTierMayStillHoldIt) {
  const auto cache = Make();
  ASSERT_TRUE(Put(*cache, "a", "value").ok());
  tier_.dead = true;

  EXPECT_TRUE(absl::IsUnavailable(Invalidate(*cache, "a")));
}

TEST_F(CacheTest, ASlowSecondTierIsGivenUpAndItsTimeoutFollows) {
  const auto cache = Make();
  for (int i = 0; i < 128; ++i) Get(*cache, "a").IgnoreError();
  EXPECT_EQ(cache->statistics().second_tier->timeout, 10 * kMillisecond);
  tier_.delay = 5 * kSecond;
  const Nanos began = clock_.Now();

  EXPECT_EQ(Get(*cache, "a")->value, nullptr);

  EXPECT_EQ(clock_.Now() - began, 10 * kMillisecond);
  EXPECT_EQ(cache->statistics().second_tier->timeouts, 1);
}

TEST_F(CacheTest, TooManyAtOnceAreHeldBackAndThenRefused) {
  CacheOptions options;
  options.second_tier.backpressure = {.max_in_flight = 2, .max_waiting = 2};
  const auto cache = Make(options);
  Answers<absl::StatusOr<Found>> answers;

  for (int i = 0; i < 5; ++i) {
    cache->Get(absl::StrCat(i), answers.Ask());
  }

  ASSERT_EQ(answers.size(), 1);
  EXPECT_TRUE(absl::IsResourceExhausted(answers.at(0).status()));
  EXPECT_EQ(tier_.asked, 2);
  delays_.Advance(10 * kMillisecond);
  ASSERT_EQ(answers.size(), 5);
  EXPECT_TRUE(answers.last().ok());
  EXPECT_EQ(cache->statistics().second_tier->backpressure.waited, 2);
}

}  // namespace
}  // namespace perfrig::cache
