#include "server/targets/script/answers.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/targets/script/task.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

// A script that waits for one answer.
struct Asker {
  Scope scope;
  Answers::Callback<std::string> callback;
  int withdrawn = 0;
  bool over = false;
  absl::StatusOr<std::string> answer;
};

class AnswersTest : public ::testing::Test {
 protected:
  static Task<absl::StatusOr<std::string>> Wait(Answers& answers, Asker& asker,
                                                Answers::Ask<std::string> ask) {
    co_return co_await answers.Await(asker.scope, std::move(ask));
  }
  void Begin(Asker& asker, Answers::Ask<std::string> ask) {
    Launch(Wait(answers_, asker, std::move(ask)),
           [&asker](absl::StatusOr<std::string> answer) {
             asker.answer = std::move(answer);
             asker.over = true;
           });
  }
  // Keeps the callback.
  void Begin(Asker& asker) {
    Begin(asker, [&asker](Answers::Callback<std::string> callback) {
      asker.callback = std::move(callback);
      return [&asker] { ++asker.withdrawn; };
    });
  }
  void Run() { delays_.Advance(0); }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Answers answers_{clock_, delays_};
};

TEST_F(AnswersTest, AnAnswerThatComesLaterIsGiven) {
  Asker asker;
  Begin(asker);
  EXPECT_FALSE(asker.over);

  asker.callback("here");

  ASSERT_TRUE(asker.over);
  EXPECT_EQ(*asker.answer, "here");
  EXPECT_EQ(asker.withdrawn, 0);
}

TEST_F(AnswersTest, AnAnswerThatComesAtOnceIsGiven) {
  Asker asker;
  int withdrawn = 0;

  Begin(asker, [&](const Answers::Callback<std::string>& callback) {
    callback(absl::NotFoundError("nothing"));
    return [&] { ++withdrawn; };
  });

  ASSERT_TRUE(asker.over);
  EXPECT_TRUE(absl::IsNotFound(asker.answer.status()));
  EXPECT_EQ(withdrawn, 0);
}

TEST_F(AnswersTest, WhoIsCancelledWithdrawsAndHearsNoMore) {
  Asker asker;
  Begin(asker);

  asker.scope.Cancel();

  ASSERT_TRUE(asker.over);
  EXPECT_TRUE(absl::IsCancelled(asker.answer.status()));
  EXPECT_EQ(asker.withdrawn, 1);
  asker.callback("too late");
  EXPECT_TRUE(absl::IsCancelled(asker.answer.status()));
}

TEST_F(AnswersTest, WhoIsCancelledBeforeAsksNobody) {
  Asker asker;
  asker.scope.Cancel();

  Begin(asker);

  EXPECT_TRUE(absl::IsCancelled(asker.answer.status()));
  EXPECT_EQ(asker.callback, nullptr);
}

TEST_F(AnswersTest, WhoIsCancelledWhileItAsksWithdraws) {
  Asker asker;

  Begin(asker, [&](const Answers::Callback<std::string>&) {
    asker.scope.Cancel();
    return [&] { ++asker.withdrawn; };
  });

  EXPECT_TRUE(absl::IsCancelled(asker.answer.status()));
  EXPECT_EQ(asker.withdrawn, 1);
}

TEST_F(AnswersTest, WaitsAreEndedAndLaterOnesToo) {
  Asker waits;
  Asker later;
  Begin(waits);

  answers_.EndWaits(absl::UnavailableError("reset"), false);
  EXPECT_FALSE(waits.over);
  Run();

  EXPECT_EQ(waits.answer.status(), absl::UnavailableError("reset"));
  EXPECT_EQ(waits.withdrawn, 1);
  waits.callback("too late");
  Begin(later);
  EXPECT_FALSE(later.over);
  answers_.EndWaits(absl::UnavailableError("over"), true);
  Run();
  EXPECT_EQ(later.answer.status(), absl::UnavailableError("over"));
  Asker last;
  Begin(last);
  EXPECT_EQ(last.answer.status(), absl::UnavailableError("over"));
}

TEST_F(AnswersTest, AnswersAndCancellationsMeetOnce) {
  for (int i = 0; i < 2'000; ++i) {
    auto asker = std::make_unique<Asker>();
    Begin(*asker);
    const Answers::Callback<std::string> callback = asker->callback;

    std::thread answers([&] { callback("here"); });
    asker->scope.Cancel();
    answers.join();

    ASSERT_TRUE(asker->over);
    EXPECT_EQ(asker->answer.ok(), asker->withdrawn == 0);
  }
}

}  // namespace
}  // namespace perfrig::targets
