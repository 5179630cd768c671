#include "server/targets/script/elsewhere.h"

#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {
namespace {

struct Outcome {
  absl::Status status;
  std::thread::id thread;
};

// A script that goes elsewhere.
class Script {
 public:
  explicit Script(Elsewhere& elsewhere, int times = 1) {
    Launch(Run(elsewhere, times), [this](absl::Status status) {
      outcome_.set_value({std::move(status), std::this_thread::get_id()});
    });
  }

  void Cancel() { scope_.Cancel(); }
  Outcome Wait() { return outcome_.get_future().get(); }

 private:
  Task<absl::Status> Run(Elsewhere& elsewhere, int times) {
    std::thread::id first;
    for (int i = 0; i < times; ++i) {
      CO_RETURN_IF_ERROR(co_await elsewhere.Go(scope_));
      if (i == 0) first = std::this_thread::get_id();
    }
    co_return first == std::this_thread::get_id()
        ? absl::OkStatus()
        : absl::InternalError("changed threads");
  }

  Scope scope_;
  std::promise<Outcome> outcome_;
};

// Keeps all threads busy until it is destroyed.
class Busy {
 public:
  explicit Busy(Elsewhere& elsewhere) {
    for (int i = 0; i < kMostThreads; ++i) {
      EXPECT_TRUE(elsewhere.Post([until = until_] { until.wait(); }).ok());
    }
  }
  ~Busy() { release_.set_value(); }

  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  static constexpr int kMostThreads = 16;

  std::promise<void> release_;
  std::shared_future<void> until_ = release_.get_future().share();
};

TEST(ElsewhereTest, AScriptGoesOnOnAnotherThread) {
  Elsewhere elsewhere;
  Script script(elsewhere);

  const Outcome outcome = script.Wait();

  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_NE(outcome.thread, std::this_thread::get_id());
}

TEST(ElsewhereTest, NeverWhereItWasHoweverSoonItsTurnComes) {
  Elsewhere elsewhere;

  for (int i = 0; i < 1'000; ++i) {
    Script script(elsewhere);
    ASSERT_NE(script.Wait().thread, std::this_thread::get_id());
  }
}

TEST(ElsewhereTest, WhoIsThereAlreadyStays) {
  Elsewhere elsewhere;
  Script script(elsewhere, /*times=*/20);

  const Outcome outcome = script.Wait();

  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
}

TEST(ElsewhereTest, WhoIsCancelledDoesNotWaitAnyLonger) {
  Elsewhere elsewhere;
  Busy busy(elsewhere);
  Script script(elsewhere);

  script.Cancel();

  const Outcome outcome = script.Wait();
  EXPECT_TRUE(absl::IsCancelled(outcome.status)) << outcome.status;
  EXPECT_EQ(outcome.thread, std::this_thread::get_id());
}

TEST(ElsewhereTest, ThoseThatWereCancelledTakeNoPlaceOfOthers) {
  Elsewhere elsewhere;
  std::unique_ptr<Script> last;
  {
    Busy busy(elsewhere);
    for (int i = 0; i < 20'000; ++i) {
      Script script(elsewhere);
      script.Cancel();
      ASSERT_TRUE(absl::IsCancelled(script.Wait().status));
    }
    last = std::make_unique<Script>(elsewhere);
  }

  EXPECT_TRUE(last->Wait().status.ok());
}

TEST(ElsewhereTest, AfterTheEndWhoComesIsRefused) {
  Elsewhere elsewhere;
  elsewhere.Join();
  Script script(elsewhere);

  EXPECT_TRUE(absl::IsResourceExhausted(script.Wait().status));
  EXPECT_FALSE(elsewhere.Post([] {}).ok());
}

TEST(ElsewhereTest, NothingIsLostOverRandomCancellations) {
  Elsewhere elsewhere;
  std::vector<std::unique_ptr<Script>> scripts;

  for (int i = 0; i < 2'000; ++i) {
    scripts.push_back(std::make_unique<Script>(elsewhere));
    if (i % 3 == 0) scripts[scripts.size() / 2]->Cancel();
  }

  for (const auto& script : scripts) {
    const absl::Status status = script->Wait().status;
    EXPECT_TRUE(status.ok() || absl::IsCancelled(status)) << status;
  }
}

}  // namespace
}  // namespace perfrig::targets
