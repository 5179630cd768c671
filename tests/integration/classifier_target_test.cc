// The Classifier target.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/status/details.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/classifier.grpc.pb.h"
#include "server/targets/behavior/delay_sampler.h"
#include "tests/integration/hosted_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;
using Stub = api::Classifier::Stub;
using Code = absl::StatusCode;

class ClassifierTest : public HostedTest {
 protected:
  static std::string Of(const std::string& tenant) {
    return "tenant: '" + tenant + "' text: 'How much is it?' ";
  }
  absl::Status Classify(const std::string& request,
                        api::ClassifyResponse& response) {
    return Call(*stub_, &Stub::Classify, request, response);
  }
  Code CodeOf(const std::string& tenant) {
    api::ClassifyResponse response;
    return Classify(Of(tenant), response).code();
  }
  // A call that lasts until its context is cancelled.
  std::thread Long(const std::string& tenant, grpc::ClientContext& context) {
    return std::thread([this, tenant, &context] {
      api::ClassifyResponse response;
      EXPECT_EQ(
          Call(*stub_, &Stub::Classify, Of(tenant), response, context).code(),
          Code::kCancelled);
    });
  }

  std::unique_ptr<Stub> stub_ = api::Classifier::NewStub(channel_);
};

TEST_F(ClassifierTest, AnswersAfterTheProvidersTimeAndSaysHowLong) {
  api::ClassifyResponse response;
  grpc::ClientContext context;
  const Nanos start = clock_.Now();
  ASSERT_TRUE(Call(*stub_, &Stub::Classify, Of("a"), response, context).ok());
  const Nanos measured = clock_.Now() - start;

  EXPECT_EQ(response.tenant(), "a");
  EXPECT_GE(ToNanos(response.latency()), 320 * kMillisecond);
  EXPECT_LE(ToNanos(response.latency()), measured);
  const auto injected = StatisticsOf("classifier").injected();
  EXPECT_GE(injected.min_ns(), 320 * kMillisecond);
  EXPECT_LE(injected.max_ns(), 516 * kMillisecond);
  EXPECT_THAT(TrailerOf(context, "perfrig-phases"), HasSubstr("provider="));
}

TEST_F(ClassifierTest, TheSlowModeIsAPartOfTheOneDelay) {
  Set("classifier",
      "delay { fixed { nanos: 2000000 } } "
      "classifier { slow_by { nanos: 3000000 } }");
  api::ClassifyResponse response;

  ASSERT_TRUE(Call(*stub_, &Stub::Classify, Of("a"), response).ok());

  const auto statistics = StatisticsOf("classifier");
  EXPECT_EQ(statistics.injected().count(), 1U);
  EXPECT_EQ(statistics.injected().max_ns(), 5 * kMillisecond);
  EXPECT_EQ(statistics.lateness().count(), 1U);
}

TEST_F(ClassifierTest, TheTableOfDelaysIsItsBehavior) {
  const auto points = host_.Get("classifier")->behavior().delay().quantiles();

  ASSERT_EQ(points.points_size(), 4);
  EXPECT_EQ(points.points(1).quantile(), 0.5);
  EXPECT_EQ(points.points(1).value().nanos(), 350 * kMillisecond);
  EXPECT_EQ(points.points(2).quantile(), 0.95);
  EXPECT_EQ(points.points(2).value().nanos(), 500 * kMillisecond);
}

TEST_F(ClassifierTest, EqualTextsHaveEqualAnswersUnderOneSeed) {
  Set("classifier", "delay { fixed {} }");
  api::ClassifyResponse one;
  api::ClassifyResponse two;
  ASSERT_TRUE(Classify(Of("a"), one).ok());
  ASSERT_TRUE(Classify(Of("b"), two).ok());
  api::NarrateResponse story;
  api::NarrateResponse again;
  ASSERT_TRUE(
      Call(*stub_, &Stub::Narrate, Of("a") + "sentences: 4", story).ok());
  ASSERT_TRUE(
      Call(*stub_, &Stub::Narrate, Of("a") + "sentences: 4", again).ok());

  EXPECT_FALSE(one.label().empty());
  EXPECT_EQ(one.label(), two.label());
  EXPECT_EQ(one.confidence(), two.confidence());
  EXPECT_GE(one.confidence(), 0.5);
  EXPECT_EQ(two.tenant(), "b");
  EXPECT_EQ(story.tenant(), "a");
  EXPECT_EQ(std::count(story.narrative().begin(), story.narrative().end(), '.'),
            4);
  EXPECT_EQ(story.narrative(), again.narrative());
}

TEST_F(ClassifierTest, ASlowProviderTakesThatMuchLonger) {
  Set("classifier",
      "delay { fixed { nanos: 1000000 } } "
      "classifier { slow_by { nanos: 40000000 } }");
  api::ClassifyResponse response;

  ASSERT_TRUE(Classify(Of("a"), response).ok());

  EXPECT_GE(ToNanos(response.latency()), 41 * kMillisecond);
}

TEST_F(ClassifierTest, ADeadlineCancelsTheWorkBehind) {
  Set("classifier", "classifier { slow_by { seconds: 600 } }");
  grpc::ClientContext context;
  context.set_deadline(
      absl::ToChronoTime(clock_.WallTime() + absl::Milliseconds(50)));
  api::ClassifyResponse response;

  EXPECT_EQ(Call(*stub_, &Stub::Classify, Of("a"), response, context).code(),
            Code::kDeadlineExceeded);

  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("classifier").in_flight() == 0; }));
  EXPECT_EQ(StateOf("classifier", "provider_cancelled"), 1);
  EXPECT_THAT(StatisticsOf("classifier").finished(),
              ElementsAre(Pair("DEADLINE_EXCEEDED", 1)));
}

TEST_F(ClassifierTest, ATenantAboveItsRateIsToldWhenToComeBack) {
  Set("classifier",
      "delay { fixed {} } "
      "classifier { tenant_rate: 0.001 tenant_burst: 2 }");
  ASSERT_EQ(CodeOf("a"), Code::kOk);
  ASSERT_EQ(CodeOf("a"), Code::kOk);
  grpc::ClientContext context;
  api::ClassifyResponse response;

  const absl::Status refused =
      Call(*stub_, &Stub::Classify, Of("a"), response, context);

  EXPECT_EQ(refused.code(), Code::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              StartsWith("tenant_rate: tenant \"a\""));
  ASSERT_TRUE(RetryOf(refused).has_value());
  EXPECT_GT(*RetryOf(refused), 900 * kSecond);
  const std::string pushback = TrailerOf(context, "grpc-retry-pushback-ms");
  EXPECT_EQ(pushback, std::to_string((*RetryOf(refused) + kMillisecond - 1) /
                                     kMillisecond));
  EXPECT_EQ(CodeOf("b"), Code::kOk);
  EXPECT_EQ(StateOf("classifier", "over_rate"), 1);
}

TEST_F(ClassifierTest, OneTenantsFloodDoesNotHoldUpTheOthers) {
  Set("classifier",
      "delay { fixed { nanos: 20000000 } } capacity: 1 queue_limit: 100");
  std::atomic<int> answered = 0;
  std::vector<std::thread> flood;
  for (int i = 0; i < 40; ++i) {
    flood.emplace_back([&] {
      EXPECT_EQ(CodeOf("flood"), Code::kOk);
      ++answered;
    });
  }
  ASSERT_TRUE(
      Eventually([&] { return StateOf("classifier", "waiting") >= 35; }));

  EXPECT_EQ(CodeOf("other"), Code::kOk);
  // In order of arrival it would have been the last.
  EXPECT_LT(answered, 40);
  for (std::thread& caller : flood) caller.join();
}

TEST_F(ClassifierTest, ATenantsCapacityIsItsOwn) {
  Set("classifier",
      "delay { fixed { seconds: 600 } } classifier { tenant_capacity: 2 }");
  std::vector<grpc::ClientContext> contexts(3);
  std::vector<std::thread> callers;
  for (grpc::ClientContext& context : contexts) {
    callers.push_back(Long("a", context));
  }
  ASSERT_TRUE(Eventually([&] {
    return StateOf("classifier", "in_work") == 2 &&
           StateOf("classifier", "waiting") == 1;
  }));
  Set("classifier", "delay { fixed {} }");

  EXPECT_EQ(CodeOf("b"), Code::kOk);
  // Else the one that waits could end well before it is cancelled.
  Set("classifier", "delay { fixed { seconds: 600 } }");
  for (grpc::ClientContext& context : contexts) context.TryCancel();
  for (std::thread& caller : callers) caller.join();

  EXPECT_TRUE(Eventually([&] {
    return StateOf("classifier", "in_work") == 0 &&
           StateOf("classifier", "waiting") == 0;
  }));
  Set("classifier", "delay { fixed {} }");
  EXPECT_EQ(CodeOf("a"), Code::kOk);
}

TEST_F(ClassifierTest, OnlyAsManyWaitAsTheQueueLimitAllows) {
  Set("classifier",
      "delay { fixed { seconds: 600 } } capacity: 1 queue_limit: 1");
  std::vector<grpc::ClientContext> contexts(2);
  std::vector<std::thread> callers;
  for (grpc::ClientContext& context : contexts) {
    callers.push_back(Long("a", context));
  }
  ASSERT_TRUE(
      Eventually([&] { return StateOf("classifier", "waiting") == 1; }));

  api::ClassifyResponse response;
  const absl::Status full = Classify(Of("b"), response);
  EXPECT_EQ(full.code(), Code::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), StartsWith("queue_limit: "));
  for (grpc::ClientContext& context : contexts) context.TryCancel();
  for (std::thread& caller : callers) caller.join();
}

TEST_F(ClassifierTest, ShutdownEndsTheCallsThatWait) {
  Set("classifier", "delay { fixed { seconds: 600 } } capacity: 1");
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] { EXPECT_EQ(CodeOf("a"), Code::kUnavailable); });
  }
  ASSERT_TRUE(
      Eventually([&] { return StateOf("classifier", "waiting") == 1; }));

  host_.Shutdown();
  for (std::thread& caller : callers) caller.join();
}

TEST_F(ClassifierTest, TellsWhichFieldIsWrong) {
  api::ClassifyResponse response;
  api::NarrateResponse story;

  EXPECT_EQ(Classify("text: 'x'", response).message(),
            "tenant: must have 1 to 128 bytes, got 0");
  EXPECT_EQ(Classify("tenant: 'a'", response).message(),
            "text: must have 1 to 100000 bytes, got 0");
  EXPECT_EQ(
      Call(*stub_, &Stub::Narrate, Of("a") + "sentences: 21", story).message(),
      "sentences: must be 0 to 20, got 21");
  EXPECT_EQ(Classify("text: 'x'", response).code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace perfrig::targets
