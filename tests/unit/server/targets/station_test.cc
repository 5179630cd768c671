#include "server/targets/behavior/station.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

v1::Behavior Parse(const std::string& text) {
  v1::Behavior behavior;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &behavior));
  return behavior;
}

// A unary call.
class Call final : public Visit {
 public:
  explicit Call(Station& station, std::vector<const Call*>* ended = nullptr)
      : station_(station), ended_(ended) {}

  void Start(int times = 1, double bytes = 0) {
    station_.Enter(*this, {.work_times = times, .transfer_bytes = bytes});
  }
  // As one that any replica may serve.
  void Read() { station_.Enter(*this, {.work_times = 1, .any_replica = true}); }
  // As a client does it.
  void Cancel() {
    if (station_.Cancel(*this)) End(absl::StatusCode::kCancelled);
  }

  std::optional<absl::StatusCode> code() const { return code_; }
  Nanos ended_at() const { return ended_at_; }

 private:
  void Resume(const absl::Status& status) override { End(status.code()); }
  void End(absl::StatusCode code) {
    ASSERT_FALSE(code_.has_value());
    code_ = code;
    ended_at_ = station_.clock().Now();
    station_.Leave(*this, code);
    if (ended_ != nullptr) ended_->push_back(this);
  }

  Station& station_;
  std::vector<const Call*>* const ended_;
  std::optional<absl::StatusCode> code_;
  Nanos ended_at_ = 0;
};

class StationTest : public ::testing::Test {
 protected:
  // Starts so many calls now.
  std::vector<std::unique_ptr<Call>> StartCalls(Station& station, int count) {
    std::vector<std::unique_ptr<Call>> calls;
    for (int i = 0; i < count; ++i) {
      calls.push_back(std::make_unique<Call>(station, &ended_));
      calls.back()->Start();
    }
    return calls;
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  const Nanos start_ = clock_.Now();
  std::vector<const Call*> ended_;
};

TEST_F(StationTest, AnswersAtOnceWhereNothingIsSet) {
  Station station(clock_, delays_, {});
  Call call(station);

  call.Start();

  EXPECT_EQ(call.code(), absl::StatusCode::kOk);
  EXPECT_EQ(call.phases().ToString(), "");
  const auto statistics = station.Snapshot(false);
  EXPECT_EQ(statistics.started(), 1);
  EXPECT_THAT(statistics.finished(), ElementsAre(Pair("OK", 1)));
  EXPECT_EQ(statistics.injected().count(), 0);
}

TEST_F(StationTest, AnswersWhenTheDelayIsOver) {
  Station station(clock_, delays_,
                  Parse("delay { fixed { nanos: 20000000 } }"));
  Call call(station);

  call.Start();
  delays_.Advance(20 * kMillisecond - 1);
  EXPECT_EQ(call.code(), std::nullopt);
  delays_.AdvanceTo(start_ + kSecond, 3 * kMicrosecond);

  EXPECT_EQ(call.code(), absl::StatusCode::kOk);
  EXPECT_EQ(call.phases().ToString(), "work=20003000");
  const auto statistics = station.Snapshot(true);
  EXPECT_EQ(statistics.injected().p50_ns(), 20 * kMillisecond);
  EXPECT_EQ(statistics.lateness().max_ns(), 3 * kMicrosecond);
  EXPECT_EQ(statistics.phases().at("work").count(), 1);
}

TEST_F(StationTest, WorksForTheOwnDelayOnlyWhereTheBehaviorHasNone) {
  const DelaySampler own = DelaySampler::Fixed(5 * kMillisecond);
  Station station(clock_, delays_, {});
  Call first(station);
  Call second(station);

  station.Enter(first, {.work_times = 1, .own_delay = &own});
  station.SetBehavior(Parse("delay { fixed { nanos: 1000000 } }"), {});
  station.Enter(second, {.work_times = 1, .own_delay = &own});
  delays_.Advance(kSecond);

  EXPECT_EQ(first.ended_at() - start_, 5 * kMillisecond);
  EXPECT_EQ(second.ended_at() - start_, kMillisecond);
}

TEST_F(StationTest, AnOwnDelayThatIsKeptGivesWayOnlyToTheCallsOwn) {
  const DelaySampler own = DelaySampler::Fixed(5 * kMillisecond);
  Station station(clock_, delays_, Parse("delay { fixed { nanos: 1000000 } }"));
  Call plain(station);
  Call asking(station);
  asking.Override({.delay = 7 * kMillisecond, .fault = {}});

  for (Call* call : {&plain, &asking}) {
    station.Enter(*call, {.work_times = 1,
                          .own_delay = &own,
                          .keeps_own_delay = true,
                          .phase = Phase::kProvider});
  }
  delays_.Advance(kSecond);

  EXPECT_EQ(plain.phases().ToString(), "provider=5000000");
  EXPECT_EQ(asking.phases().ToString(), "provider=7000000");
  EXPECT_EQ(station.Snapshot(false).lateness().count(), 2);
}

TEST_F(StationTest, AShareOfTheDelayLeavesTheRestToTheCaller) {
  Station station(clock_, delays_, Parse("delay { fixed { nanos: 8000000 } }"));
  Call call(station);

  station.Enter(call, {.work_times = 1, .share = 0.25});
  delays_.Advance(kSecond);

  EXPECT_EQ(call.ended_at() - start_, 2 * kMillisecond);
  EXPECT_EQ(call.due() - start_, 2 * kMillisecond);
  EXPECT_EQ(call.drawn(), 8 * kMillisecond);
}

TEST_F(StationTest, WaitsForCapacityInOrderOfArrival) {
  Station station(clock_, delays_,
                  Parse("delay { fixed { nanos: 10 } } capacity: 2"));

  const auto calls = StartCalls(station, 5);
  EXPECT_EQ(station.Snapshot(false).waiting(), 3);
  delays_.Advance(kSecond);

  EXPECT_THAT(ended_,
              ElementsAre(calls[0].get(), calls[1].get(), calls[2].get(),
                          calls[3].get(), calls[4].get()));
  EXPECT_EQ(calls[4]->ended_at() - start_, 30);
  EXPECT_EQ(calls[4]->phases().ToString(), "queue=20,work=10");
}

TEST_F(StationTest, ReplicasMultiplyThePlacesOfThoseThatAnyMayServe) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 2 database { replicas: 3 })"));
  std::vector<std::unique_ptr<Call>> reads;
  const auto writes = StartCalls(station, 3);
  for (int i = 0; i < 5; ++i) {
    reads.push_back(std::make_unique<Call>(station, &ended_));
    reads.back()->Read();
  }

  EXPECT_EQ(station.places(), 6);
  EXPECT_EQ(station.Snapshot(false).waiting(), 2);
  delays_.Advance(1'000);

  // The third write has waited for the primary, the fifth read for any.
  EXPECT_THAT(ended_,
              ElementsAre(writes[0].get(), writes[1].get(), reads[0].get(),
                          reads[1].get(), reads[2].get(), reads[3].get()));
  delays_.Advance(1'000);
  EXPECT_EQ(writes[2]->phases().ToString(), "queue=1000,work=1000");
  EXPECT_EQ(reads[4]->phases().ToString(), "queue=1000,work=1000");
}

TEST_F(StationTest, AFreePlaceGoesToWhoeverCameFirstAndMayHaveIt) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 1 database { replicas: 2 })"));
  std::array reads = {Call(station, &ended_), Call(station, &ended_),
                      Call(station, &ended_)};
  std::array writes = {Call(station, &ended_), Call(station, &ended_)};
  reads[0].Read();
  reads[1].Read();
  writes[0].Start();
  writes[1].Start();
  reads[2].Read();

  delays_.Advance(10'000);

  // Of the two places that come free, the second write cannot have one, since
  // the first write has the primary's.
  EXPECT_THAT(ended_, ElementsAre(&reads[0], &reads[1], &writes[0], &reads[2],
                                  &writes[1]));
  EXPECT_EQ(writes[0].ended_at() - start_, 2'000);
  EXPECT_EQ(reads[2].ended_at() - start_, 2'000);
  EXPECT_EQ(writes[1].ended_at() - start_, 3'000);
}

TEST_F(StationTest, TheQueueLimitHoldsForReadsAndWritesTogether) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 1 queue_limit: 2
      database { replicas: 2 })"));
  const auto writes = StartCalls(station, 3);
  std::vector<std::unique_ptr<Call>> reads;
  for (int i = 0; i < 2; ++i) {
    reads.push_back(std::make_unique<Call>(station));
    reads.back()->Read();
  }

  EXPECT_EQ(writes[2]->code(), std::nullopt);
  EXPECT_EQ(reads[0]->code(), std::nullopt);
  EXPECT_EQ(reads[1]->code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(station.Snapshot(false).waiting(), 2);
  delays_.Advance(kSecond);
}

TEST_F(StationTest, AnExtraDelayIsInjectedOnTopOfTheDelay) {
  Station station(clock_, delays_, Parse("delay { fixed { nanos: 1000 } }"));
  Call call(station);

  station.Enter(call, {.work_times = 2, .extra_delay = 500});
  delays_.Advance(kSecond);

  EXPECT_EQ(call.phases().ToString(), "work=2500");
  EXPECT_EQ(call.drawn(), 2'000);
  EXPECT_EQ(station.Snapshot(false).injected().max_ns(), 2'500);
  EXPECT_EQ(station.Snapshot(false).lateness().max_ns(), 0);
}

TEST_F(StationTest, LatenessDoesNotAddUpAlongTheQueue) {
  Station station(clock_, delays_,
                  Parse("delay { fixed { nanos: 1000000 } } capacity: 1"));

  const auto calls = StartCalls(station, 100);
  delays_.AdvanceTo(start_ + kSecond, 50 * kMicrosecond);

  EXPECT_EQ(calls.back()->ended_at() - start_,
            100 * kMillisecond + 50 * kMicrosecond);
}

TEST_F(StationTest, RefusesWhereTheQueueIsFull) {
  Station station(
      clock_, delays_,
      Parse("delay { fixed { nanos: 10 } } capacity: 1 queue_limit: 1"));

  const auto calls = StartCalls(station, 3);

  EXPECT_EQ(calls[2]->code(), absl::StatusCode::kResourceExhausted);
  delays_.Advance(kSecond);
  EXPECT_THAT(
      station.Snapshot(false).finished(),
      UnorderedElementsAre(Pair("OK", 2), Pair("RESOURCE_EXHAUSTED", 1)));
}

TEST_F(StationTest, ACancelledCallFreesItsPlaceAtOnce) {
  Station station(clock_, delays_,
                  Parse("delay { fixed { nanos: 100 } } capacity: 1"));
  const auto calls = StartCalls(station, 3);
  delays_.Advance(40);

  calls[1]->Cancel();
  calls[0]->Cancel();
  delays_.Advance(kSecond);

  EXPECT_EQ(calls[0]->phases().ToString(), "queue=0,work=40");
  EXPECT_EQ(calls[1]->phases().ToString(), "queue=40");
  EXPECT_EQ(calls[2]->ended_at() - start_, 140);
  EXPECT_EQ(delays_.pending(), 0);
}

TEST_F(StationTest, ACallCancelledBeforeItArrivesWaitsForNothing) {
  Station station(clock_, delays_, Parse("delay { fixed { nanos: 100 } }"));
  Call call(station);

  call.Cancel();
  call.Start();

  EXPECT_EQ(call.code(), absl::StatusCode::kCancelled);
}

TEST_F(StationTest, MoreCapacityStartsThoseThatWait) {
  Station station(clock_, delays_,
                  Parse("delay { fixed { nanos: 100 } } capacity: 1"));
  const auto calls = StartCalls(station, 4);
  delays_.Advance(10);

  station.SetBehavior(Parse("delay { fixed { nanos: 100 } } capacity: 3"), {});
  EXPECT_EQ(station.Snapshot(false).waiting(), 1);
  station.SetBehavior(Parse("delay { fixed { nanos: 7 } }"), {});
  delays_.Advance(kSecond);

  // What arrived before keeps its delay.
  EXPECT_EQ(calls[3]->ended_at() - start_, 110);
}

TEST_F(StationTest, FaultsComeAtTheirRate) {
  Station station(clock_, delays_, Parse(R"(
      faults { rate: 0.1 status: "INTERNAL" } faults { rate: 0.2 drop: true }
      faults { rate: 0.3 slow { seconds: 1 } })"));

  const auto calls = StartCalls(station, 100'000);
  delays_.Advance(kSecond);

  const auto statistics = station.Snapshot(false);
  EXPECT_NEAR(statistics.faults().at("INTERNAL"), 10'000, 500);
  EXPECT_NEAR(statistics.faults().at("drop"), 20'000, 650);
  EXPECT_NEAR(statistics.faults().at("slow"), 30'000, 750);
  EXPECT_EQ(statistics.finished().at("INTERNAL"),
            statistics.faults().at("INTERNAL"));
  EXPECT_EQ(statistics.finished().at("UNAVAILABLE"),
            statistics.faults().at("drop"));
  EXPECT_EQ(statistics.injected().count(), statistics.faults().at("slow"));
}

TEST_F(StationTest, AHangingCallKeepsItsPlaceUntilItIsCancelled) {
  Station station(clock_, delays_,
                  Parse("capacity: 1 faults { rate: 1 hang: true }"));
  const auto calls = StartCalls(station, 1);
  delays_.Advance(3600 * kSecond);
  EXPECT_EQ(station.Snapshot(false).in_flight(), 1);

  calls[0]->Cancel();

  EXPECT_EQ(station.Snapshot(false).in_flight(), 0);
  EXPECT_THAT(station.Snapshot(false).faults(), ElementsAre(Pair("hang", 1)));
}

TEST_F(StationTest, AnOutageFailsEveryCallForItsTime) {
  Station station(clock_, delays_, Parse(R"(
      outage { after { seconds: 1 } duration { seconds: 2 } status: "ABORTED" }
      )"));
  std::vector<std::string> codes;

  for (int i = 0; i < 5; ++i) {
    codes.push_back(
        absl::StatusCodeToString(StartCalls(station, 1)[0]->code().value_or(
            absl::StatusCode::kUnknown)));
    delays_.Advance(kSecond);
  }

  EXPECT_THAT(codes, ElementsAre("OK", "ABORTED", "ABORTED", "OK", "OK"));
}

TEST_F(StationTest, AStallHoldsAnswersBackUntilItsEnd) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 20000000 } }
      stall { every { seconds: 6 } duration { seconds: 1 } })"));
  std::vector<std::unique_ptr<Call>> calls;
  int late = 0;

  for (int i = 0; i < 1'200; ++i) {
    calls.push_back(std::make_unique<Call>(station));
    calls.back()->Start();
    const Nanos began = clock_.Now();
    delays_.AdvanceTo(began + 10 * kMillisecond);
  }
  delays_.Advance(2 * kSecond);
  for (int i = 0; i < 1'200; ++i) {
    const Nanos took = calls[i]->ended_at() - start_ - i * (10 * kMillisecond);
    EXPECT_LE(took, kSecond + 20 * kMillisecond);
    if (took > 20 * kMillisecond) ++late;
  }

  EXPECT_EQ(late, 200);
  EXPECT_EQ(calls[498]->phases().ToString(), "work=20000000,stall=1000000000");
  EXPECT_EQ(station.Snapshot(false).faults().at("stall"), 200);
}

TEST_F(StationTest, AnOutageGoesOnUnlessItIsToBeginAgain) {
  const std::string outage = "outage { duration { seconds: 2 } } ";
  Station station(clock_, delays_, Parse(outage));
  const auto code = [&] { return StartCalls(station, 1)[0]->code(); };
  delays_.Advance(kSecond);

  station.SetBehavior(Parse(outage + "capacity: 5"), {.random = true});
  delays_.Advance(kSecond);

  EXPECT_EQ(code(), absl::StatusCode::kOk);
  station.SetBehavior(Parse(outage + "capacity: 6"), {.stall = true});
  EXPECT_EQ(code(), absl::StatusCode::kOk);
  station.SetBehavior(Parse(outage), {.outage = true});
  EXPECT_EQ(code(), absl::StatusCode::kUnavailable);
}

TEST_F(StationTest, StallsGoOnUnlessTheyAreToBeginAgain) {
  const std::string stall =
      "stall { every { seconds: 10 } duration { seconds: 1 } } "
      "delay { fixed { nanos: 1 } } ";
  Station station(clock_, delays_, Parse(stall));
  // From 9 s on, if nothing begins again.
  delays_.Advance(8 * kSecond);

  station.SetBehavior(Parse(stall + "capacity: 5"), {.outage = true});
  delays_.Advance(kSecond);
  Call held(station);
  held.Start();
  delays_.Advance(kSecond - 1);

  EXPECT_FALSE(held.code().has_value());
  delays_.Advance(1);
  EXPECT_TRUE(held.code().has_value());
  delays_.Advance(8 * kSecond);
  station.SetBehavior(Parse(stall), {.stall = true});
  delays_.Advance(kSecond);
  Call passes(station);
  passes.Start();
  delays_.Advance(1);
  EXPECT_TRUE(passes.code().has_value());
}

TEST_F(StationTest, EveryDelayThatIsWaitedForCountsAndIsComparedWithItsEnd) {
  // A call that moves its payload and waits once more, as a stream does.
  class Waiter final : public Visit {
   public:
    void Resume(const absl::Status& /*status*/) override { ++resumed; }
    int resumed = 0;
  };
  Station station(clock_, delays_, Parse("bytes_per_second: 1e6"));
  Waiter waiter;
  const auto late = [&] { delays_.AdvanceTo(clock_.Now() + kSecond, 7); };

  station.Enter(waiter, {.work_times = 1, .transfer_bytes = 3});
  late();
  station.WaitUntil(waiter, clock_.Now() + 5'000, Phase::kHold);
  late();
  // Neither a time that has passed nor one that is only a limit is a delay.
  station.WaitUntil(waiter, clock_.Now(), Phase::kGap);
  station.WaitUntilWoken(waiter, clock_.Now() + 9'000, Phase::kGap);
  late();
  station.CountDelay(2'000, 1);
  station.Leave(waiter, absl::StatusCode::kOk);

  EXPECT_EQ(waiter.resumed, 4);
  const auto statistics = station.Snapshot(false);
  EXPECT_EQ(statistics.injected().count(), 3);
  EXPECT_EQ(statistics.injected().min_ns(), 2'000);
  EXPECT_EQ(statistics.injected().max_ns(), 5'000);
  EXPECT_EQ(statistics.lateness().count(), 3);
  EXPECT_EQ(statistics.lateness().min_ns(), 1);
  EXPECT_EQ(statistics.lateness().max_ns(), 7);
}

TEST_F(StationTest, CallsInFlightAreBounded) {
  Station station(clock_, delays_, Parse("delay { fixed { seconds: 30 } }"));
  auto calls = StartCalls(station, static_cast<int>(Station::kMostCalls));
  Call refused(station);
  Call next(station);

  refused.Start();

  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(station.Snapshot(false).in_flight(), Station::kMostCalls);
  calls.front()->Cancel();
  next.Start();
  EXPECT_EQ(next.code(), std::nullopt);
  delays_.Advance(30 * kSecond);
}

TEST_F(StationTest, WhatCallsInFlightHoldTogetherIsBounded) {
  Station station(clock_, delays_, Parse("delay { fixed { seconds: 30 } }"));
  constexpr double kHalf = Station::kMostBytes * 0.5;
  Call first(station);
  Call second(station);
  Call third(station);
  Call fourth(station);

  first.Start(1, kHalf);
  second.Start(1, kHalf);
  third.Start(1, 1);
  fourth.Start(1, 0);

  EXPECT_EQ(third.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(fourth.code().has_value());
  EXPECT_EQ(station.Hold(fourth, 1).code(),
            absl::StatusCode::kResourceExhausted);
  second.Cancel();
  EXPECT_TRUE(station.Hold(fourth, kHalf).ok());
  EXPECT_FALSE(station.Hold(fourth, 1).ok());
  delays_.Advance(30 * kSecond);
  Call all(station);
  all.Start(1, Station::kMostBytes);
  EXPECT_FALSE(all.code().has_value());
  delays_.Advance(30 * kSecond);
}

TEST_F(StationTest, DelayGrowsWithTheOthersInWork) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } load_factor: 0.5)"));

  const auto calls = StartCalls(station, 3);
  delays_.Advance(kSecond);

  EXPECT_EQ(calls[0]->ended_at() - start_, 1'000);
  EXPECT_EQ(calls[1]->ended_at() - start_, 1'500);
  EXPECT_EQ(calls[2]->ended_at() - start_, 2'000);
}

TEST_F(StationTest, PayloadTakesItsTimeAtTheBandwidth) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } bytes_per_second: 1e6)"));
  Call call(station);

  call.Start(1, 500);
  delays_.Advance(kSecond);

  EXPECT_EQ(call.phases().ToString(), "work=1000,transfer=500000");
}

TEST_F(StationTest, SeveralDrawsAddUpForOneHoldOfCapacity) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 1)"));
  Call first(station);
  Call second(station);

  first.Start(5);
  second.Start(1);
  delays_.Advance(kSecond);

  EXPECT_EQ(first.ended_at() - start_, 5'000);
  EXPECT_EQ(second.ended_at() - start_, 6'000);
}

TEST_F(StationTest, ACallMayOverrideDelayAndFault) {
  Station station(clock_, delays_, Parse("delay { fixed { nanos: 1000 } }"));
  Call slow(station);
  Call bad(station);
  FaultRule fault;
  fault.kind = FaultRule::Kind::kStatus;
  fault.code = absl::StatusCode::kDataLoss;

  slow.Override({.delay = 7'000, .fault = std::nullopt});
  slow.Start();
  bad.Override({.delay = std::nullopt, .fault = fault});
  bad.Start();
  delays_.Advance(kSecond);

  EXPECT_EQ(slow.ended_at() - start_, 7'000);
  EXPECT_EQ(bad.ended_at() - start_, 1'000);
  EXPECT_EQ(bad.code(), absl::StatusCode::kDataLoss);
}

TEST_F(StationTest, ResetEndsThoseThatWaitAndForgetsThem) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 1)"));
  const auto calls = StartCalls(station, 3);

  station.Reset(Parse("delay { fixed { nanos: 50 } }"));

  EXPECT_EQ(calls[0]->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(calls[2]->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(station.Snapshot(false).started(), 0);
  EXPECT_EQ(station.Snapshot(false).in_flight(), 0);
  const auto next = StartCalls(station, 1);
  delays_.Advance(50);
  EXPECT_EQ(next[0]->code(), absl::StatusCode::kOk);
}

// One whose caller does something else meanwhile.
class Idler final : public Visit {
 private:
  void Resume(const absl::Status& /*status*/) override {}
};

TEST_F(StationTest, WhatIsAtWorkAtAResetHoldsNothingAfterIt) {
  const v1::Behavior behavior = Parse("capacity: 1");
  Station station(clock_, delays_, behavior);
  Idler old;
  station.Enter(old, {.transfer_bytes = 900e6});

  station.Reset(behavior);
  station.SetBehavior(behavior, {});
  const auto calls = StartCalls(station, 1);

  EXPECT_EQ(calls[0]->code(), absl::StatusCode::kOk);
  EXPECT_FALSE(station.Hold(old, 1).ok());
  Idler next;
  station.Enter(next, {.transfer_bytes = 900e6});
  station.Leave(old, absl::StatusCode::kOk);
  EXPECT_EQ(station.Snapshot(false).in_flight(), 1U);
  EXPECT_EQ(station.Snapshot(false).started(), 2U);
  EXPECT_FALSE(station.Hold(next, 200e6).ok()) << "it holds 900 MB itself";
  station.Leave(next, absl::StatusCode::kOk);
}

TEST_F(StationTest, TotalsGoOnOverAReset) {
  const v1::Behavior behavior =
      Parse("delay { fixed { nanos: 1000 } } capacity: 1");
  Station station(clock_, delays_, behavior);
  const auto before = StartCalls(station, 3);
  delays_.Advance(2'000);

  station.Reset(behavior);
  const auto after = StartCalls(station, 1);
  delays_.Advance(1'000);

  const v1::TargetStatistics totals = station.Totals();
  EXPECT_EQ(totals.finished().at("OK"), 3);
  EXPECT_EQ(totals.started(), 3);
  EXPECT_EQ(totals.injected().count(), 4)
      << "the third call had begun its delay";
  EXPECT_EQ(totals.phases().at("work").count(), 3);
  EXPECT_TRUE(totals.phases().at("work").has_histogram());
  EXPECT_EQ(station.Snapshot(false).finished().at("OK"), 1);
}

TEST_F(StationTest, ShutdownEndsThoseThatWaitAndAllLaterOnes) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 1)"));
  const auto calls = StartCalls(station, 3);

  station.Shutdown();
  const auto late = StartCalls(station, 1);

  EXPECT_EQ(calls[2]->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(late[0]->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(station.Snapshot(false).in_flight(), 0);
  EXPECT_EQ(delays_.pending(), 0);
}

TEST_F(StationTest, TheSameSequenceOfCallsIsTreatedTheSame) {
  const v1::Behavior behavior = Parse(R"(
      delay { exponential { nanos: 1000000 } } capacity: 3 seed: 42
      faults { rate: 0.2 status: "INTERNAL" })");
  const auto run = [&] {
    Station station(clock_, delays_, behavior);
    const Nanos start = clock_.Now();
    const auto calls = StartCalls(station, 500);
    delays_.Advance(kSecond);
    std::vector<std::pair<Nanos, absl::StatusCode>> ends;
    ends.reserve(calls.size());
    for (const auto& call : calls) {
      ends.emplace_back(call->ended_at() - start,
                        call->code().value_or(absl::StatusCode::kUnknown));
    }
    return ends;
  };

  EXPECT_EQ(run(), run());
}

TEST_F(StationTest, PoissonArrivalsAtOneExponentialServerGiveTheTextbook) {
  // M/M/1 at 80 %: time in the system is exponential, mean 1 / (mu − lambda).
  Station station(clock_, delays_, Parse(R"(
      delay { exponential { nanos: 1000000 } } capacity: 1
      queue_limit: 1000000)"));
  std::mt19937_64 random(5);
  std::exponential_distribution<double> gap(0.8 / 1e6);
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<Nanos> arrived;
  double at = static_cast<double>(start_);

  arrived.reserve(200'000);
  for (int i = 0; i < 200'000; ++i) {
    at += gap(random);
    delays_.AdvanceTo(std::llround(at));
    arrived.push_back(clock_.Now());
    calls.push_back(std::make_unique<Call>(station));
    calls.back()->Start();
  }
  delays_.Advance(100 * kSecond);
  std::vector<double> times;
  times.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    times.push_back(static_cast<double>(calls[i]->ended_at() - arrived[i]));
  }
  std::sort(times.begin(), times.end());

  EXPECT_NEAR(times[times.size() / 2], 5e6 * std::log(2), 0.4e6);
  EXPECT_NEAR(times[times.size() * 95 / 100], 5e6 * std::log(20), 1.7e6);
}

TEST_F(StationTest, NothingIsLostOverRandomInterleavings) {
  Station station(clock_, delays_, Parse("capacity: 2 queue_limit: 20"));
  std::mt19937_64 random(11);
  std::vector<std::unique_ptr<Call>> calls;
  const auto pick = [&](std::uint64_t n) { return random() % n; };

  for (int step = 0; step < 100'000; ++step) {
    switch (pick(8)) {
      case 0:
      case 1:
      case 2:
        calls.push_back(std::make_unique<Call>(station));
        if (pick(2) == 0) {
          calls.back()->Read();
        } else {
          calls.back()->Start(1 + static_cast<int>(pick(3)));
        }
        break;
      case 3:
        if (!calls.empty()) {
          const std::size_t from =
              calls.size() - std::min<std::size_t>(calls.size(), 30);
          calls[from + pick(calls.size() - from)]->Cancel();
        }
        break;
      case 4:
        if (pick(20) == 0) {
          station.SetBehavior(
              Parse("delay { exponential { nanos: 500 } } queue_limit: 20 "
                    "faults { rate: 0.05 hang: true } "
                    "faults { rate: 0.1 status: 'ABORTED' } capacity: " +
                    std::to_string(pick(5)) + " database { replicas: " +
                    std::to_string(1 + pick(3)) + " }"),
              {.random = pick(2) == 0});
        } else if (pick(400) == 0) {
          station.Reset(Parse("delay { fixed { nanos: 300 } } capacity: 3"));
          calls.clear();
        }
        break;
      default:
        delays_.Advance(static_cast<Nanos>(pick(300)));
    }
    if (step % 100 == 0) {
      const auto now = station.Snapshot(false);
      std::uint64_t finished = 0;
      for (const auto& [code, count] : now.finished()) finished += count;
      ASSERT_EQ(now.started(), finished + now.in_flight());
    }
  }
  for (const auto& call : calls) {
    if (!call->code().has_value()) call->Cancel();
  }

  EXPECT_EQ(station.Snapshot(false).in_flight(), 0);
  EXPECT_EQ(delays_.pending(), 0);
  for (const auto& call : calls) ASSERT_TRUE(call->code().has_value());
}

TEST_F(StationTest, CapacityIsNeverExceededAndOrderIsKept) {
  Station station(clock_, delays_, Parse(R"(
      delay { fixed { nanos: 1000 } } capacity: 7 queue_limit: 100000)"));
  std::mt19937_64 random(3);
  std::vector<std::unique_ptr<Call>> calls;

  for (int i = 0; i < 20'000; ++i) {
    calls.push_back(std::make_unique<Call>(station, &ended_));
    calls.back()->Start();
    delays_.Advance(static_cast<Nanos>(random() % 280));
  }
  delays_.Advance(kSecond);

  ASSERT_EQ(ended_.size(), calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    ASSERT_EQ(ended_[i], calls[i].get());
    // The call seven places later cannot have begun before this one ended.
    if (i + 7 < calls.size()) {
      ASSERT_GE(calls[i + 7]->ended_at() - calls[i]->ended_at(), 1'000);
    }
  }
}

TEST_F(StationTest, NeitherReadsNorWritesExceedTheirPlacesOrLoseTheirOrder) {
  constexpr int kPlaces = 3;
  Station station(clock_, delays_, Parse(R"(
      delay { exponential { nanos: 1000 } } capacity: 3 queue_limit: 1000000
      database { replicas: 2 })"));
  std::mt19937_64 random(17);
  struct Issued {
    std::unique_ptr<Call> call;
    bool reads;
    Nanos arrived;
  };
  std::vector<Issued> issued;
  const auto pick = [&](std::uint64_t n) { return random() % n; };

  for (int step = 0; step < 100'000; ++step) {
    if (pick(3) == 0) {
      const bool reads = pick(3) != 0;
      issued.push_back({std::make_unique<Call>(station), reads, clock_.Now()});
      reads ? issued.back().call->Read() : issued.back().call->Start();
    } else {
      delays_.Advance(static_cast<Nanos>(pick(180)));
    }
    if (pick(50) == 0 && !issued.empty()) {
      Call& call = *issued[issued.size() - 1 -
                           pick(std::min<std::size_t>(issued.size(), 20))]
                        .call;
      if (!call.code().has_value()) call.Cancel();
    }
  }
  delays_.Advance(100 * kSecond);

  // When each of those that were served began, from its phases; by moments:
  // how many more are in work.
  std::multimap<Nanos, int> all;
  std::multimap<Nanos, int> writes;
  Nanos last_read = 0;
  Nanos last_write = 0;
  for (const Issued& each : issued) {
    ASSERT_TRUE(each.call->code().has_value());
    if (each.call->code() != absl::StatusCode::kOk) continue;
    const Nanos began =
        each.arrived + each.call->phases().at(Phase::kQueue).value_or(0);
    Nanos& last = each.reads ? last_read : last_write;
    ASSERT_GE(began, last);
    last = began;
    for (auto* const count : {&all, &writes}) {
      if (count == &writes && each.reads) continue;
      // What ends leaves before what begins at the same moment.
      count->emplace(began * 2 + 1, 1);
      count->emplace(each.call->ended_at() * 2, -1);
    }
  }
  const auto most = [](const std::multimap<Nanos, int>& changes) {
    int now = 0;
    int top = 0;
    for (const auto& [at, change] : changes) top = std::max(top, now += change);
    return top;
  };
  EXPECT_EQ(most(all), 2 * kPlaces);
  EXPECT_EQ(most(writes), kPlaces);
}

}  // namespace
}  // namespace perfrig::targets
