#include "server/cache/lru.h"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/fake_clock.h"

namespace perfrig::cache {
namespace {

std::size_t BytesOfOne(const FakeClock& clock, std::size_t key,
                       std::size_t value) {
  Lru lru(clock, {.shards = 1});
  lru.Put(std::string(key, 'k'), MakeValue(std::string(value, 'v')));
  return lru.statistics().bytes;
}

TEST(LruTest, GivesBackWhatWasPutWithoutCopyingIt) {
  FakeClock clock;
  Lru lru(clock, {});
  const Value value = MakeValue("one");

  lru.Put("a", value);

  EXPECT_EQ(lru.Get("a"), value);
  EXPECT_EQ(lru.Get("b"), nullptr);
  const LruStatistics statistics = lru.statistics();
  EXPECT_EQ(statistics.hits, 1);
  EXPECT_EQ(statistics.misses, 1);
  EXPECT_EQ(statistics.entries, 1);
}

TEST(LruTest, ReplacesAValueAndItsBytes) {
  FakeClock clock;
  Lru lru(clock, {});
  lru.Put("a", MakeValue(std::string(1'000, 'x')));
  const std::size_t before = lru.statistics().bytes;

  lru.Put("a", MakeValue(std::string(10, 'x')));

  EXPECT_EQ(lru.Get("a")->size(), 10);
  EXPECT_EQ(lru.statistics().bytes, before - 990);
  EXPECT_EQ(lru.statistics().entries, 1);
}

TEST(LruTest, AValueEndsWithItsTime) {
  FakeClock clock;
  Lru lru(clock, {});
  lru.Put("a", MakeValue("1"), 10 * kSecond);
  lru.Put("b", MakeValue("1"));

  clock.Advance(10 * kSecond - 1);
  EXPECT_NE(lru.Get("a"), nullptr);
  EXPECT_NE(lru.Peek("a"), nullptr);
  clock.Advance(1);

  EXPECT_EQ(lru.Peek("a"), nullptr);
  EXPECT_EQ(lru.Get("a"), nullptr);
  EXPECT_NE(lru.Get("b"), nullptr);
  EXPECT_EQ(lru.statistics().expired, 1);
  EXPECT_EQ(lru.statistics().entries, 1);
}

TEST(LruTest, TheLongestUnusedLeavesFirst) {
  FakeClock clock;
  const std::size_t one = BytesOfOne(clock, 1, 100);
  Lru lru(clock, {.max_bytes = 3 * one, .shards = 1});
  const Value value = MakeValue(std::string(100, 'v'));
  for (const char* key : {"a", "b", "c"}) lru.Put(key, value);

  EXPECT_NE(lru.Get("a"), nullptr);
  // No use.
  EXPECT_NE(lru.Peek("b"), nullptr);
  lru.Put("d", value);

  EXPECT_EQ(lru.Get("b"), nullptr);
  for (const char* key : {"a", "c", "d"}) EXPECT_NE(lru.Get(key), nullptr);
  EXPECT_EQ(lru.statistics().evicted, 1);
  EXPECT_EQ(lru.statistics().bytes, 3 * one);
}

TEST(LruTest, AValueTooLargeTakesTheOlderOneWithIt) {
  FakeClock clock;
  Lru lru(clock, {.max_bytes = 2'000, .shards = 2});
  lru.Put("a", MakeValue("small"));

  lru.Put("a", MakeValue(std::string(1'000, 'x')));

  EXPECT_EQ(lru.Get("a"), nullptr);
  EXPECT_EQ(lru.statistics().too_large, 1);
  EXPECT_EQ(lru.statistics().bytes, 0);
}

TEST(LruTest, AFillGivesWayToWhatIsNewer) {
  FakeClock clock;
  Lru lru(clock, {.shards = 1});
  const std::uint64_t epoch = lru.Epoch("a");

  lru.Put("a", MakeValue("newer"));
  EXPECT_FALSE(lru.Fill("a", MakeValue("older"), kNever, epoch));
  EXPECT_EQ(*lru.Get("a"), "newer");
  lru.Erase("a");
  EXPECT_FALSE(lru.Fill("a", MakeValue("older"), kNever, epoch));
  EXPECT_EQ(lru.Get("a"), nullptr);

  const std::uint64_t before = lru.Epoch("a");
  lru.Put("a", MakeValue(std::string(100'000'000, 'x')));
  EXPECT_FALSE(lru.Fill("a", MakeValue("older"), kNever, before));

  EXPECT_TRUE(lru.Fill("a", MakeValue("now"), kNever, lru.Epoch("a")));
  EXPECT_EQ(*lru.Get("a"), "now");
}

TEST(LruTest, ClearEmptiesItAndForbidsOlderFills) {
  FakeClock clock;
  Lru lru(clock, {});
  lru.Put("a", MakeValue("1"));
  const std::uint64_t epoch = lru.Epoch("b");

  lru.Clear();

  EXPECT_EQ(lru.Get("a"), nullptr);
  EXPECT_EQ(lru.statistics().bytes, 0);
  EXPECT_FALSE(lru.Fill("b", MakeValue("1"), kNever, epoch));
  lru.Put("a", MakeValue("2"));
  EXPECT_EQ(*lru.Get("a"), "2");
}

// A list of entries, newest first, as plain as can be.
class Model {
 public:
  Model(const FakeClock& clock, std::size_t max_bytes, std::size_t overhead)
      : clock_(clock), max_bytes_(max_bytes), overhead_(overhead) {}

  const std::string* Get(const std::string& key) {
    const auto at = Find(key);
    if (at == entries_.end()) return nullptr;
    if (at->expires <= clock_.Now()) {
      entries_.erase(at);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, at);
    return &at->value;
  }
  void Put(const std::string& key, const std::string& value, Nanos expires) {
    Erase(key);
    entries_.push_front({key, value, expires});
    while (bytes() > max_bytes_) entries_.pop_back();
  }
  void Erase(const std::string& key) {
    const auto at = Find(key);
    if (at != entries_.end()) entries_.erase(at);
  }
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const Entry& entry : entries_) {
      sum += overhead_ + entry.key.size() + entry.value.size();
    }
    return sum;
  }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    std::string value;
    Nanos expires;
  };

  std::list<Entry>::iterator Find(const std::string& key) {
    auto at = entries_.begin();
    while (at != entries_.end() && at->key != key) ++at;
    return at;
  }

  const FakeClock& clock_;
  const std::size_t max_bytes_;
  const std::size_t overhead_;
  std::list<Entry> entries_;
};

TEST(LruTest, DoesWhatAPlainListDoes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    FakeClock clock;
    std::mt19937_64 random(seed);
    const auto up_to = [&](std::uint64_t most) { return random() % most; };
    const std::size_t overhead = BytesOfOne(clock, 1, 0) - 1;
    const std::size_t max_bytes = 12 * overhead;
    Lru lru(clock, {.max_bytes = max_bytes, .shards = 1});
    Model model(clock, max_bytes, overhead);

    for (int i = 0; i < 20'000; ++i) {
      const std::string key = absl::StrCat(up_to(20));
      switch (up_to(8)) {
        case 0:
          lru.Erase(key);
          model.Erase(key);
          break;
        case 1:
          clock.Advance(static_cast<Nanos>(up_to(kSecond)));
          break;
        case 2:
        case 3: {
          const std::string value(up_to(300), 'v');
          const auto ttl = static_cast<Nanos>(1 + up_to(5 * kSecond));
          lru.Put(key, MakeValue(value), ttl);
          model.Put(key, value, clock.Now() + ttl);
          break;
        }
        default: {
          const Value got = lru.Get(key);
          const std::string* const expected = model.Get(key);
          ASSERT_EQ(got == nullptr, expected == nullptr) << seed << " " << i;
          ASSERT_TRUE(got == nullptr || *got == *expected);
        }
      }
      ASSERT_EQ(lru.statistics().bytes, model.bytes()) << seed << " " << i;
      ASSERT_EQ(lru.statistics().entries, model.size());
    }
  }
}

}  // namespace
}  // namespace perfrig::cache
