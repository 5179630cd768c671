#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "server/targets/script/stay.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

v1::Behavior Parse(const std::string& text) {
  v1::Behavior behavior;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &behavior));
  return behavior;
}

// A call of a script.
class Call {
 public:
  explicit Call(Station& station) : stay_(scope_, station) {}

  template <class Script>
  void Start(Script script) {
    Launch(script(stay_), [this](absl::Status status) {
      stay_.Leave(status.code());
      status_ = std::move(status);
    });
  }
  void Cancel() { scope_.Cancel(); }

  [[nodiscard]] bool ended() const { return status_.has_value(); }
  [[nodiscard]] absl::StatusCode code() const { return status_->code(); }
  [[nodiscard]] const Stay& stay() const { return stay_; }

 private:
  Scope scope_;
  Stay stay_;
  std::optional<absl::Status> status_;
};

class ScriptTest : public ::testing::Test {
 protected:
  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Station database_{clock_, delays_,
                    Parse("delay { fixed { nanos: 20000000 } } capacity: 1")};
  Station gateway_{clock_, delays_, {}};
};

Task<absl::Status> Work(Stay& stay) {
  co_return co_await stay.Enter({.work_times = 1});
}

Task<absl::Status> AskDatabase(Stay& stay, Station& database) {
  CO_RETURN_IF_ERROR(co_await stay.Enter({.work_times = 1}));
  co_return co_await Through(stay, database, Phase::kWork, Work);
}

TEST_F(ScriptTest, GoesOnWhenTheDelayIsOver) {
  Call call(database_);
  call.Start(Work);
  EXPECT_FALSE(call.ended());
  delays_.Advance(20 * kMillisecond);
  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kOk);
  EXPECT_EQ(database_.Snapshot(false).finished().at("OK"), 1U);
}

TEST_F(ScriptTest, GoesOnAtOnceWhereThereIsNothingToWaitFor) {
  Call call(gateway_);
  call.Start(Work);
  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kOk);
}

TEST_F(ScriptTest, AVisitToAnotherStationCountsThereAndAsAPhaseHere) {
  Call call(gateway_);
  call.Start([this](Stay& stay) { return AskDatabase(stay, database_); });
  delays_.Advance(20 * kMillisecond);
  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.stay().phases().at(Phase::kWork), 20 * kMillisecond);
  EXPECT_EQ(database_.Snapshot(false).finished().at("OK"), 1U);
  EXPECT_EQ(gateway_.Snapshot(false).finished().at("OK"), 1U);
}

TEST_F(ScriptTest, CancellingFreesThePlaceAtTheOtherStation) {
  Call call(gateway_);
  call.Start([this](Stay& stay) { return AskDatabase(stay, database_); });
  Call waiting(database_);
  waiting.Start(Work);
  delays_.Advance(5 * kMillisecond);
  call.Cancel();
  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(database_.Snapshot(false).finished().at("CANCELLED"), 1U);
  delays_.Advance(20 * kMillisecond);
  EXPECT_TRUE(waiting.ended());
}

TEST_F(ScriptTest, AResetEndsACallThatWaitsAtAnotherStation) {
  Call call(gateway_);
  call.Start([this](Stay& stay) { return AskDatabase(stay, database_); });
  Call waiting(database_);
  waiting.Start(Work);

  gateway_.Reset({});

  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(gateway_.Snapshot(false).started(), 0U);
  EXPECT_EQ(database_.Snapshot(false).finished().at("UNAVAILABLE"), 1U);
  delays_.Advance(20 * kMillisecond);
  EXPECT_TRUE(waiting.ended());
}

Task<absl::Status> AskTwice(Stay& stay, Station& database) {
  CO_RETURN_IF_ERROR(co_await stay.Enter({}));
  const absl::Status first =
      co_await Through(stay, database, Phase::kWork, Work);
  EXPECT_EQ(first, absl::UnavailableError("the target was reset"));
  co_return co_await Through(stay, database, Phase::kWork, Work);
}

TEST_F(ScriptTest, AResetOfAnotherStationEndsTheVisitToThatAlone) {
  Call call(gateway_);
  call.Start([this](Stay& stay) { return AskTwice(stay, database_); });

  database_.Reset(Parse("delay { fixed { nanos: 1000 } }"));
  EXPECT_FALSE(call.ended());
  delays_.Advance(1'000);

  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kOk);
  const v1::TargetStatistics statistics = database_.Snapshot(false);
  EXPECT_EQ(statistics.started(), 1U);
  EXPECT_EQ(statistics.finished().at("OK"), 1U);
}

TEST_F(ScriptTest, ACallThatHasNotEnteredIsEndedAndNotCounted) {
  Call before(database_);
  database_.Reset({});
  before.Start(Work);

  ASSERT_TRUE(before.ended());
  EXPECT_EQ(before.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(database_.Snapshot(false).started(), 0U);
}

TEST_F(ScriptTest, AShutdownEndsWhatWaitsAndWhatComesLater) {
  Call call(gateway_);
  call.Start([this](Stay& stay) { return AskDatabase(stay, database_); });

  gateway_.Shutdown();
  Call late(gateway_);
  late.Start(Work);

  ASSERT_TRUE(call.ended() && late.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(late.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(gateway_.Snapshot(false).finished().at("UNAVAILABLE"), 2U);
}

TEST_F(ScriptTest, PayloadIsHeldUntilTheCallIsGone) {
  Scope other_scope;
  Stay other(other_scope, gateway_);
  Scope scope;
  auto stay = std::make_unique<Stay>(scope, gateway_);
  double most = 0;

  ASSERT_TRUE(stay->HoldLargest(600e6, most).ok());
  ASSERT_TRUE(stay->HoldLargest(500e6, most).ok()) << "in the place of that";
  EXPECT_TRUE(absl::IsResourceExhausted(stay->HoldLargest(1'100e6, most)));

  EXPECT_TRUE(absl::IsResourceExhausted(other.Hold(500e6)));
  stay->Leave(absl::StatusCode::kOk);
  EXPECT_TRUE(absl::IsResourceExhausted(other.Hold(500e6)));
  stay = nullptr;
  EXPECT_TRUE(other.Hold(500e6).ok());
  other.Leave(absl::StatusCode::kOk);
}

TEST_F(ScriptTest, ACallCancelledBeforeItEntersIsRefused) {
  Call call(database_);
  call.Cancel();
  call.Start(Work);
  ASSERT_TRUE(call.ended());
  EXPECT_EQ(call.code(), absl::StatusCode::kCancelled);
  const v1::TargetStatistics statistics = database_.Snapshot(false);
  EXPECT_EQ(statistics.started(), 1U);
  EXPECT_EQ(statistics.in_flight(), 0U);
}

Task<absl::StatusOr<int>> Number(bool good) {
  if (!good) co_return absl::NotFoundError("no number");
  co_return 7;
}

Task<absl::Status> UseNumber(Stay& stay, bool good, int& number) {
  CO_RETURN_IF_ERROR(co_await stay.Enter({}));
  CO_ASSIGN_OR_RETURN(number, co_await Number(good));
  co_return absl::OkStatus();
}

TEST_F(ScriptTest, TasksGiveValuesAndErrorsOn) {
  int number = 0;
  Call good(gateway_);
  good.Start([&](Stay& stay) { return UseNumber(stay, true, number); });
  EXPECT_EQ(number, 7);
  Call bad(gateway_);
  bad.Start([&](Stay& stay) { return UseNumber(stay, false, number); });
  EXPECT_EQ(bad.code(), absl::StatusCode::kNotFound);
}

Task<absl::Status> WaitOften(Stay& stay, int times) {
  CO_RETURN_IF_ERROR(co_await stay.Enter({}));
  for (int i = 0; i < times; ++i) {
    CO_RETURN_IF_ERROR(co_await stay.WaitUntil(stay.Now(), Phase::kGap));
  }
  co_return absl::OkStatus();
}

TEST_F(ScriptTest, WaitsThatAreOverAtOnceTakeNoStack) {
  Call call(gateway_);
  call.Start([](Stay& stay) { return WaitOften(stay, 1'000'000); });
  EXPECT_TRUE(call.ended());
}

// Every script ends once, whenever it is cancelled, with the real clock.
TEST(ScriptThreadsTest, EndsOnceWheneverItIsCancelled) {
  SystemClock clock;
  SystemDelayQueue delays(clock);
  Station database(clock, delays,
                   Parse("delay { fixed { nanos: 100000 } } capacity: 2"));
  Station gateway(clock, delays, {});
  std::atomic<int> ended = 0;
  constexpr int kCalls = 2'000;
  struct Racing {
    explicit Racing(Station& gateway) : stay(scope, gateway) {}
    Scope scope;
    Stay stay;
  };
  std::vector<std::unique_ptr<Racing>> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_unique<Racing>(gateway));
  }
  std::atomic<int> started = 0;
  std::thread canceller([&] {
    std::mt19937 random(1);
    for (int i = 0; i < kCalls; ++i) {
      while (started <= i) std::this_thread::yield();
      if (random() % 2 == 0) calls[static_cast<std::size_t>(i)]->scope.Cancel();
    }
  });
  for (auto& call : calls) {
    Racing& racing = *call;
    Launch(AskDatabase(racing.stay, database),
           [&racing, &ended](const absl::Status& status) {
             racing.stay.Leave(status.code());
             ++ended;
           });
    ++started;
  }
  canceller.join();
  const Nanos until = clock.Now() + 20 * kSecond;
  while (ended < kCalls && clock.Now() < until) std::this_thread::yield();
  EXPECT_EQ(ended, kCalls);
  EXPECT_EQ(database.Snapshot(false).in_flight(), 0U);
  EXPECT_EQ(gateway.Snapshot(false).started(), kCalls);
}

}  // namespace
}  // namespace perfrig::targets
