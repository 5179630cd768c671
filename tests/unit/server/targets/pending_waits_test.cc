#include "server/targets/pending_waits.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "server/cache/pending.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {
namespace {

using Answer = cache::PendingPtr<std::string>;

// A script that asks for one answer.
struct Asking {
  Scope scope;
  std::string answer;
  Answer pending;
  absl::Status status = absl::UnknownError("runs");

  void Run(PendingWaits& waits) {
    Launch(Wait(waits), [this](const absl::Status& ended) { status = ended; });
  }
  Task<absl::Status> Wait(PendingWaits& waits) {
    PendingWaits::Ask<std::string> ask = [this](const Answer& asked) {
      pending = asked;
    };
    co_return co_await waits.For(scope, std::move(ask), answer);
  }
};

TEST(PendingWaitsTest, AScriptGoesOnWithItsAnswer) {
  PendingWaits waits;
  Asking asking;
  asking.Run(waits);
  EXPECT_TRUE(absl::IsUnknown(asking.status));

  EXPECT_TRUE(asking.pending->Answer("yes"));

  EXPECT_TRUE(asking.status.ok());
  EXPECT_EQ(asking.answer, "yes");
}

TEST(PendingWaitsTest, ACancelledScriptEndsAtOnceAndWithdraws) {
  PendingWaits waits;
  Asking asking;
  asking.Run(waits);

  asking.scope.Cancel();

  EXPECT_TRUE(absl::IsCancelled(asking.status));
  EXPECT_FALSE(asking.pending->Answer("late"));
}

TEST(PendingWaitsTest, EndEndsWhatWaitsAndNothingLater) {
  PendingWaits waits;
  Asking before;
  before.Run(waits);

  waits.End(absl::UnavailableError("reset"), /*and_later=*/false);
  EXPECT_EQ(before.status, absl::UnavailableError("reset"));
  EXPECT_FALSE(before.pending->Answer("late"));
  Asking after;
  after.Run(waits);
  after.pending->Answer("yes");

  EXPECT_TRUE(after.status.ok());
}

TEST(PendingWaitsTest, EndEndsLaterOnesTooWhereItIsToldSo) {
  PendingWaits waits;
  waits.End(absl::UnavailableError("over"), /*and_later=*/true);
  Asking asking;

  asking.Run(waits);

  EXPECT_EQ(asking.status, absl::UnavailableError("over"));
  EXPECT_EQ(asking.pending, nullptr);
}

// Each wait ends once, whoever comes first.
TEST(PendingWaitsTest, AnswersCancellationsAndEndsMayRace) {
  constexpr int kScripts = 10'000;
  PendingWaits waits;
  std::vector<std::unique_ptr<Asking>> all;
  for (int i = 0; i < kScripts; ++i) {
    all.push_back(std::make_unique<Asking>());
    all.back()->Run(waits);
  }

  std::thread answers([&] {
    for (const auto& each : all) each->pending->Answer("yes");
  });
  std::thread cancels([&] {
    for (const auto& each : all) each->scope.Cancel();
  });
  for (int i = 0; i < 20; ++i) {
    waits.End(absl::UnavailableError("reset"), /*and_later=*/false);
  }
  answers.join();
  cancels.join();

  for (const auto& each : all) {
    EXPECT_FALSE(absl::IsUnknown(each->status));
    EXPECT_EQ(each->status.ok(), each->answer == "yes");
  }
}

}  // namespace
}  // namespace perfrig::targets
