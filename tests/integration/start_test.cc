// Starting runs: once for each key, from many clients, up to the bound.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "common/status/details.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class StartTest : public DaemonTest {
 protected:
  static v1::StartRunRequest WithKey(v1::StartRunRequest request,
                                     const std::string& key) {
    request.set_idempotency_key(key);
    return request;
  }

  std::vector<v1::Run> AllRuns() {
    const auto list =
        Call(*runs_, &v1::Runs::Stub::ListRuns, v1::ListRunsRequest());
    EXPECT_TRUE(list.ok()) << list.status();
    if (!list.ok()) return {};
    return {list->runs().begin(), list->runs().end()};
  }
};

TEST_F(StartTest, ARepeatedRequestGivesTheRunThatIsAtWork) {
  Start();
  const auto first = StartRun(WithKey(LongRun(), "build 17"));
  ASSERT_TRUE(first.ok()) << first.status();

  const auto again = StartRun(WithKey(LongRun(), "build 17"));

  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), first->name());
  EXPECT_NE(again->state(), v1::FINISHED);
  EXPECT_THAT(AllRuns(), SizeIs(1));
  EXPECT_TRUE(CancelRun(first->name()).ok());
}

TEST_F(StartTest, ARepeatedRequestGivesTheFinishedRun) {
  Start();
  const auto first = StartRun(WithKey(ShortRun(), "build 17"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(WaitFor(first->name()).ok());

  const auto again = StartRun(WithKey(ShortRun(), "build 17"));
  grpc::ClientContext context;
  const auto stream =
      runs_->RunSuite(&context, WithKey(ShortRun(), "build 17"));
  const auto streamed = ReadAll(*stream);

  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), first->name());
  EXPECT_EQ(again->verdict(), v1::PASS);
  ASSERT_TRUE(streamed.ok()) << streamed.status();
  EXPECT_EQ(streamed->finished().name(), first->name());
  EXPECT_THAT(AllRuns(), SizeIs(1));
}

// Else its client would take another suite's verdict for that of its own.
TEST_F(StartTest, AKeyOfAnotherRequestIsRefusedNamingItsRun) {
  Start();
  const auto first = StartRun(WithKey(ShortRun(), "build 17"));
  ASSERT_TRUE(first.ok()) << first.status();

  const auto at_work = StartRun(WithKey(LongRun(), "build 17"));
  ASSERT_TRUE(WaitFor(first->name()).ok());
  const auto finished = StartRun(WithKey(LongRun(), "build 17"));
  const auto other_key = StartRun(WithKey(LongRun(), "build 18"));

  for (const absl::Status& refused : {at_work.status(), finished.status()}) {
    EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
    const std::string text(refused.message());
    EXPECT_THAT(text, HasSubstr("idempotency_key"));
    EXPECT_THAT(text, HasSubstr("build 17"));
    EXPECT_THAT(text, HasSubstr(first->name()));
  }
  ASSERT_TRUE(other_key.ok()) << other_key.status();
  EXPECT_TRUE(CancelRun(other_key->name()).ok());
}

TEST_F(StartTest, OfTenClientsAtOnceTheQueueTakesWhatItHolds) {
  Config config = FreePorts();
  config.queue_limit = 4;
  Start(config);
  const auto start_one = [&](int) -> absl::StatusOr<v1::Run> {
    const auto runs = v1::Runs::NewStub(ChannelTo(daemon_->control_address()));
    grpc::ClientContext context;
    // None may hang.
    context.set_deadline(
        absl::ToChronoTime(clock_.WallTime() + absl::Seconds(30)));
    v1::Run run;
    const grpc::Status status = runs->StartRun(&context, LongRun(), &run);
    if (!status.ok()) return FromGrpc(status);
    return run;
  };
  std::vector<std::future<absl::StatusOr<v1::Run>>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::async(std::launch::async, start_one, i));
  }

  std::vector<std::string> taken;
  for (auto& client : clients) {
    const absl::StatusOr<v1::Run> started = client.get();
    if (started.ok()) {
      taken.push_back(started->name());
      continue;
    }
    EXPECT_TRUE(absl::IsResourceExhausted(started.status()))
        << started.status();
    EXPECT_THAT(std::string(started.status().message()),
                HasSubstr("4 runs are waiting"));
    ASSERT_TRUE(QuotaOf(started.status()).has_value());
    EXPECT_EQ(QuotaOf(started.status())->violations(0).subject(), "runs/queue");
  }

  // One more than waits where the first has begun before the last came.
  EXPECT_GE(taken.size(), 4U);
  EXPECT_LE(taken.size(), 5U);
  for (const std::string& name : taken) EXPECT_TRUE(CancelRun(name).ok());
  for (const std::string& name : taken) {
    const auto finished = WaitFor(name);
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(finished->verdict(), v1::CANCELLED);
  }
  const auto after = StartRun(ShortRun());
  ASSERT_TRUE(after.ok()) << after.status();
  const auto finished = WaitFor(after->name());
  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::PASS);
}

}  // namespace
}  // namespace perfrig
