#include "common/sync/detached_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <stop_token>
#include <utility>

#include "common/time/clock.h"

namespace perfrig {
namespace {

constexpr int kMostThreads = 64;

// Work that blocks until it is let go, and says when it has gone.
class Gate {
 public:
  std::function<void()> Work() {
    return [open = open_, gone = std::make_shared<Farewell>(gone_)] {
      open.wait();
    };
  }
  void Open() { promise_.set_value(); }
  [[nodiscard]] int gone() const { return *gone_; }

 private:
  struct Farewell {
    explicit Farewell(std::shared_ptr<std::atomic<int>> counter)
        : count(std::move(counter)) {}
    ~Farewell() { ++*count; }
    std::shared_ptr<std::atomic<int>> count;
  };

  std::promise<void> promise_;
  std::shared_future<void> open_ = promise_.get_future().share();
  std::shared_ptr<std::atomic<int>> gone_ =
      std::make_shared<std::atomic<int>>(0);
};

void AwaitGone(const Gate& gate, int count) {
  SystemClock clock;
  const Nanos give_up = clock.Now() + 30 * kSecond;
  while (gate.gone() < count && clock.Now() < give_up) {
    clock.SleepUntil(clock.Now() + kMillisecond);
  }
  EXPECT_EQ(gate.gone(), count);
}

TEST(AwaitDetached, WaitsForTheEndOfTheWork) {
  const auto answer = std::make_shared<int>(0);

  const absl::Status waited =
      AwaitDetached([answer] { *answer = 42; }, kNever, {});

  EXPECT_TRUE(waited.ok()) << waited;
  EXPECT_EQ(*answer, 42);
  EXPECT_EQ(answer.use_count(), 1);
}

TEST(AwaitDetached, LeavesWorkAloneThatTakesTooLong) {
  SystemClock clock;
  Gate gate;

  const absl::Status waited =
      AwaitDetached(gate.Work(), clock.Now() + 10 * kMillisecond, {});

  EXPECT_TRUE(absl::IsDeadlineExceeded(waited)) << waited;
  EXPECT_EQ(gate.gone(), 0);
  gate.Open();
  AwaitGone(gate, 1);
}

TEST(AwaitDetached, EndsWhenItIsToldToStop) {
  Gate gate;
  std::stop_source stop;
  auto waited = std::async(std::launch::async, [&] {
    return AwaitDetached(gate.Work(), kNever, stop.get_token());
  });

  stop.request_stop();

  EXPECT_TRUE(absl::IsCancelled(waited.get()));
  gate.Open();
}

TEST(AwaitDetached, DoesNotBeginWhatIsToldToStopAlready) {
  std::stop_source stop;
  stop.request_stop();
  const auto begun = std::make_shared<std::atomic<bool>>(false);

  const absl::Status waited =
      AwaitDetached([begun] { *begun = true; }, kNever, stop.get_token());

  EXPECT_TRUE(absl::IsCancelled(waited));
  EXPECT_FALSE(*begun);
}

TEST(AwaitDetached, WaitsForAThreadWhereAllAreTaken) {
  SystemClock clock;
  Gate gate;
  for (int i = 0; i < kMostThreads; ++i) {
    ASSERT_TRUE(absl::IsDeadlineExceeded(
        AwaitDetached(gate.Work(), clock.Now() + kMillisecond, {})));
  }
  const auto begun = std::make_shared<std::atomic<bool>>(false);
  const auto begin = [begun] { *begun = true; };

  const absl::Status full =
      AwaitDetached(begin, clock.Now() + 10 * kMillisecond, {});
  const bool begun_when_full = *begun;
  gate.Open();
  const absl::Status free =
      AwaitDetached(begin, clock.Now() + 30 * kSecond, {});

  EXPECT_TRUE(absl::IsDeadlineExceeded(full)) << full;
  EXPECT_FALSE(begun_when_full);
  EXPECT_TRUE(free.ok()) << free;
  EXPECT_TRUE(*begun);
  AwaitGone(gate, kMostThreads);
}

}  // namespace
}  // namespace perfrig
