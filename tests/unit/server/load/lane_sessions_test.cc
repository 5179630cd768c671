// Known answers of a lane whose calls are sessions.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/load/lane.h"
#include "server/load/session_gate.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_workload.h"

namespace perfrig::load {
namespace {

constexpr Nanos kAnswerTime = 30 * kMillisecond;
constexpr Nanos kEvery = kSecond;

// What the driver saw of sessions, whose peer opens them when it likes, says
// hello, and answers each message.
struct Peer {
  // By number of the session: how long it takes to open; kNever: never.
  std::map<std::uint32_t, Nanos> open_after;
  // Answers no message number from this one on.
  std::size_t silent_from = SIZE_MAX;
  // Says something at these times after the first message's, unasked.
  std::vector<Nanos> heartbeats;
  // Ends with this status, right away.
  std::set<std::uint32_t> refused;

  std::vector<Nanos> opened;
  std::vector<Nanos> first_messages;
  std::size_t half_closed = 0;
};

class SessionDriver final : public drivers::Driver {
 public:
  SessionDriver(FakeClock& clock, Peer& peer, drivers::Observer& observer)
      : clock_(clock), peer_(peer), observer_(observer) {}

  absl::Status Connect(Nanos, const std::stop_token&) override {
    return absl::OkStatus();
  }
  void Start(drivers::Slot slot, const drivers::Request& request) override {
    EXPECT_TRUE(request.session);
    const std::uint32_t number = started_++;
    requests_[slot] = &request;
    sent_[slot] = clock_.Now();
    if (peer_.refused.contains(number)) {
      At(clock_.Now(), [this, slot] { End(slot, 8); });
      return;
    }
    const Nanos after = peer_.open_after[number];
    if (after == kNever) return;
    At(clock_.Now() + after, [this, slot] {
      peer_.opened.push_back(clock_.Now());
      observer_.OnOpen(slot);
      observer_.OnMessage(slot, "hello", clock_.Now());
    });
  }
  void SendMessages(drivers::Slot slot, Nanos at) override {
    peer_.first_messages.push_back(at);
    for (const Nanos after : peer_.heartbeats) {
      At(at + after,
         [this, slot] { observer_.OnMessage(slot, "still", clock_.Now()); });
    }
    const drivers::Request& request = *requests_[slot];
    for (std::size_t i = 0; i < request.messages.size(); ++i) {
      if (i >= peer_.silent_from) break;
      const Nanos sent = at + static_cast<Nanos>(i) * request.message_interval;
      At(sent + kAnswerTime,
         [this, slot] { observer_.OnMessage(slot, "answer", clock_.Now()); });
    }
  }
  void HalfClose(drivers::Slot slot) override {
    ++peer_.half_closed;
    At(clock_.Now(), [this, slot] { End(slot, 0); });
  }
  void Cancel(drivers::Slot slot) override {
    At(clock_.Now(), [this, slot] { End(slot, 1); });
  }
  void Poll(Nanos until) override {
    const Nanos first = events_.empty() ? kNever : events_.begin()->first;
    clock_.AdvanceTo(first < until ? first : until);
    while (!events_.empty() && events_.begin()->first <= clock_.Now()) {
      const auto event = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      event();
    }
  }
  drivers::Connections TakeConnections() override { return {}; }

 private:
  void At(Nanos due, std::function<void()> event) {
    events_.emplace(due, std::move(event));
  }
  void End(drivers::Slot slot, int status) {
    drivers::Outcome outcome;
    outcome.sent = sent_[slot];
    outcome.done = clock_.Now();
    outcome.status = status;
    observer_.OnDone(slot, outcome);
  }

  FakeClock& clock_;
  Peer& peer_;
  drivers::Observer& observer_;
  std::uint32_t started_ = 0;
  std::map<drivers::Slot, const drivers::Request*> requests_;
  std::map<drivers::Slot, Nanos> sent_;
  std::multimap<Nanos, std::function<void()>> events_;
};

class SessionDriverFactory final : public drivers::DriverFactory {
 public:
  SessionDriverFactory(FakeClock& clock, Peer& peer)
      : clock_(clock), peer_(peer) {}
  absl::StatusOr<std::unique_ptr<drivers::Driver>> Create(
      const drivers::ConnectionPlan&, drivers::Observer& observer) override {
    return std::make_unique<SessionDriver>(clock_, peer_, observer);
  }

 private:
  FakeClock& clock_;
  Peer& peer_;
};

class LaneSessionsTest : public testing::Test {
 protected:
  // All sessions in one lane.
  void Run(std::uint32_t sessions, Nanos warmup = 0) {
    v1::Load load;
    load.set_sessions(sessions);
    const LoadPlan plan = MakeLoadPlan(load, warmup, 0, 7);
    SessionDriverFactory drivers(clock_, peer_);
    Exchange exchange(1, 1, 0);
    SessionGate gate(sessions);
    const LaneSetup setup{.clock = &clock_,
                          .plan = &plan,
                          .exchange = &exchange,
                          .sessions = &gate,
                          .grace = grace_};
    FakeWorkloadOptions options;
    options.messages = messages_;
    options.message_interval = kEvery;
    const auto lane =
        *Lane::Create(setup, drivers, std::make_unique<FakeWorkload>(options));
    start_ = clock_.Now();
    lane->Run(start_);
    std::vector<std::unique_ptr<LaneSecond>> seconds;
    exchange.Take(0, seconds);
    if (seconds[0] != nullptr) tally_.Merge(seconds[0]->steps[0]);
    tally_.Merge(exchange.TakeRests()[0]->steps[0]);
    EXPECT_EQ(tally_.planned, sessions);
  }

  FakeClock clock_;
  Peer peer_;
  std::vector<std::string> messages_ = {"a", "b", "c"};
  Nanos grace_ = 30 * kSecond;
  Nanos start_ = 0;
  Tally tally_;
};

TEST_F(LaneSessionsTest, AllAreOpenBeforeTheFirstTalks) {
  peer_.open_after = {{0, kMillisecond}, {1, 700 * kMillisecond}};
  Run(4);

  const Nanos last = start_ + 700 * kMillisecond;
  ASSERT_EQ(peer_.first_messages.size(), 4U);
  EXPECT_GE(peer_.first_messages[0], last);
  EXPECT_EQ(peer_.opened.back(), last);
}

TEST_F(LaneSessionsTest, TheirMessagesAreSpreadEvenly) {
  Run(4);

  ASSERT_EQ(peer_.first_messages.size(), 4U);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(peer_.first_messages[i] - peer_.first_messages[i - 1],
              kEvery / 4);
  }
}

TEST_F(LaneSessionsTest, EachMessageIsTimedToItsAnswerAndTheSessionThenEnds) {
  Run(10, kSecond);

  EXPECT_EQ(tally_.message_latency.count(), 30U);
  EXPECT_EQ(tally_.message_latency.min(), kAnswerTime);
  EXPECT_EQ(tally_.message_latency.max(), kAnswerTime);
  EXPECT_EQ(peer_.half_closed, 10U);
  EXPECT_EQ(tally_.ok, 10U);
  EXPECT_EQ(tally_.failed, 0U);
  EXPECT_LT(clock_.Now() - start_, 4 * kSecond);
}

TEST_F(LaneSessionsTest, WhatComesBeforeItsMessageIsNoAnswer) {
  peer_.heartbeats = {kEvery / 2, kEvery * 3 / 2, kEvery * 5 / 3};
  Run(10);

  EXPECT_EQ(tally_.message_latency.count(), 30U);
  EXPECT_EQ(tally_.message_latency.min(), kAnswerTime);
  EXPECT_EQ(tally_.message_latency.max(), kAnswerTime);
}

TEST_F(LaneSessionsTest, OneThatIsRefusedHoldsUpNoOther) {
  peer_.refused = {1};
  Run(3);

  EXPECT_EQ(tally_.ok, 2U);
  EXPECT_EQ(tally_.failed, 1U);
  EXPECT_EQ(tally_.statuses[8], 1U);
  EXPECT_EQ(tally_.message_latency.count(), 6U);
}

TEST_F(LaneSessionsTest, OneWhosePeerSaysNothingCountsAsOpenAfterAWhile) {
  peer_.open_after = {{0, kNever}};
  Run(2);

  EXPECT_EQ(tally_.ok, 2U);
  EXPECT_EQ(tally_.message_latency.count(), 6U);
  EXPECT_GE(peer_.first_messages[0], start_ + 2 * kSecond);
}

TEST_F(LaneSessionsTest, OneWithoutAllAnswersIsUnfinished) {
  peer_.silent_from = 2;
  grace_ = kSecond;
  Run(2);

  EXPECT_EQ(tally_.message_latency.count(), 4U);
  EXPECT_EQ(tally_.unfinished, 2U);
  EXPECT_EQ(peer_.half_closed, 0U);
  // The grace begins with the last planned message.
  EXPECT_GE(clock_.Now(), peer_.first_messages[1] + 2 * kEvery + grace_);
}

}  // namespace
}  // namespace perfrig::load
