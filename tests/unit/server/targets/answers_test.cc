#include "server/targets/script/answers.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/targets/script/task.h"

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
  static Task<absl::StatusOr<std::string>> Ask(Answers& answers, Asker& asker,
                                               Answers::Ask<std::string> ask) {
    co_return co_await answers.Await(asker.scope, std::move(ask));
  }
  void Begin(Asker& asker, Answers::Ask<std::string> ask) {
    Launch(Ask(answers_, asker, std::move(ask)),
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
  Answers answers_;
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

TEST_F(AnswersTest, WhoIsTakenOutHearsWhyWhenItGoesOn) {
  Asker asker;
  Begin(asker);

  Wait* const taken = asker.scope.TakeOut(absl::UnavailableError("reset"));

  ASSERT_NE(taken, nullptr);
  EXPECT_FALSE(asker.over);
  EXPECT_EQ(asker.withdrawn, 1);
  asker.callback("too late");
  taken->Resume();
  EXPECT_EQ(asker.answer.status(), absl::UnavailableError("reset"));
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
