// What only some targets count: connections, caches, sessions, tokens.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/classifier.grpc.pb.h"
#include "perfrig/target/v1/config.grpc.pb.h"
#include "perfrig/target/v1/connection_pool.grpc.pb.h"
#include "perfrig/target/v1/gateway.grpc.pb.h"
#include "perfrig/target/v1/orchestrator.grpc.pb.h"
#include "perfrig/target/v1/template.grpc.pb.h"
#include "tests/integration/hosted_fixture.h"

namespace perfrig::targets {
namespace {

class TargetOwnStatisticsTest : public HostedTest {
 protected:
  // A call that succeeds.
  template <class Service, class Request, class Response>
  void Make(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                  const Request&, Response*),
            const std::string& request) {
    Response response;
    const auto stub = Service::NewStub(channel_);
    const absl::Status status = Call(*stub, method, request, response);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Resolve(const std::string& tenant) {
    Make<api::Config>(&api::Config::Stub::Resolve, "tenant: '" + tenant + "'");
  }
  void Chat() {
    Make<api::Orchestrator>(&api::Orchestrator::Stub::Chat,
                            "messages { text: 'Tell me more.' }");
  }
  // Since the start, whatever was reset.
  v1::TargetStatistics TotalsOf(const std::string& target) {
    for (const v1::Target& each : host_.Totals()) {
      if (each.name() == "targets/" + target) return each.statistics();
    }
    ADD_FAILURE() << "no target " << target;
    return {};
  }
};

TEST_F(TargetOwnStatisticsTest, ACachesCountsStartAnewButItsTotalsGoOn) {
  Resolve("a");
  Resolve("a");
  ASSERT_GT(StatisticsOf("config").cache().bytes(), 0U);

  ASSERT_TRUE(host_.Reset("config").ok());
  EXPECT_EQ(StatisticsOf("config").cache().hits(), 0U);
  EXPECT_EQ(StatisticsOf("config").cache().misses(), 0U);
  EXPECT_EQ(StatisticsOf("config").cache().bytes(), 0U);
  Resolve("a");

  EXPECT_EQ(StatisticsOf("config").cache().misses(), 1U);
  EXPECT_EQ(TotalsOf("config").cache().hits(), 1U);
  EXPECT_EQ(TotalsOf("config").cache().misses(), 2U);
}

TEST_F(TargetOwnStatisticsTest, AChangeOfOptionsLosesNoCount) {
  Resolve("a");
  Resolve("a");

  Set("config", "config { cache_bytes: 1000000 }");

  EXPECT_EQ(StatisticsOf("config").cache().hits(), 1U);
  EXPECT_EQ(StatisticsOf("config").cache().misses(), 1U);
  EXPECT_EQ(TotalsOf("config").cache().hits(), 1U);
  EXPECT_EQ(TotalsOf("config").cache().bytes(), 0U);
}

TEST_F(TargetOwnStatisticsTest, TemplatesAreLookedUpInACacheToo) {
  for (int i = 0; i < 2; ++i) {
    Make<api::Template>(&api::Template::Stub::Fetch, "name: 'welcome'");
  }
  ASSERT_TRUE(host_.Reset("template").ok());

  EXPECT_EQ(TotalsOf("template").cache().hits(), 1U);
  EXPECT_EQ(TotalsOf("template").cache().misses(), 1U);
  EXPECT_EQ(StatisticsOf("template").cache().misses(), 0U);
}

TEST_F(TargetOwnStatisticsTest, TokensAreThoseOfPromptsAndCompletions) {
  Chat();
  const std::uint64_t tokens = StatisticsOf("orchestrator").tokens();
  EXPECT_EQ(tokens, static_cast<std::uint64_t>(
                        StateOf("orchestrator", "prompt_tokens") +
                        StateOf("orchestrator", "completion_tokens")));
  ASSERT_GT(tokens, 0U);

  ASSERT_TRUE(host_.Reset("orchestrator").ok());
  EXPECT_EQ(StatisticsOf("orchestrator").tokens(), 0U);
  Chat();

  EXPECT_EQ(StatisticsOf("orchestrator").tokens(), tokens);
  EXPECT_EQ(TotalsOf("orchestrator").tokens(), 2 * tokens);
}

TEST_F(TargetOwnStatisticsTest, APoolShowsLeasesCapacityAndWhoWaits) {
  Set("connection_pool", "connection_pool { connections: 1 }");
  Make<api::ConnectionPool>(&api::ConnectionPool::Stub::Acquire, "");
  grpc::ClientContext context;
  std::thread waiter([&] {
    api::UseResponse response;
    const auto stub = api::ConnectionPool::NewStub(channel_);
    EXPECT_EQ(
        Call(*stub, &api::ConnectionPool::Stub::Use, "", response, context)
            .code(),
        absl::StatusCode::kCancelled);
  });

  EXPECT_TRUE(Eventually(
      [&] { return StatisticsOf("connection_pool").pool().waiting() == 1; }));
  EXPECT_EQ(StatisticsOf("connection_pool").pool().connections(), 1U);
  EXPECT_EQ(StatisticsOf("connection_pool").pool().capacity(), 1U);
  context.TryCancel();
  waiter.join();
  ASSERT_TRUE(host_.Reset("connection_pool").ok());

  EXPECT_EQ(TotalsOf("connection_pool").pool().connections(), 0U);
  EXPECT_EQ(TotalsOf("connection_pool").pool().capacity(), 20U);
}

TEST_F(TargetOwnStatisticsTest, SessionsAreCountedWhileTheyAreOpen) {
  const auto gateway = api::Gateway::NewStub(channel_);
  EXPECT_TRUE(StatisticsOf("gateway").has_sessions_open());
  grpc::ClientContext context;
  const auto session = gateway->Session(&context);
  api::SessionResponse opened;
  ASSERT_TRUE(session->Read(&opened));

  EXPECT_EQ(StatisticsOf("gateway").sessions_open(), 1U);
  EXPECT_EQ(TotalsOf("gateway").sessions_open(), 1U);
  context.TryCancel();
  session->Finish();

  EXPECT_TRUE(
      Eventually([&] { return StatisticsOf("gateway").sessions_open() == 0; }));
}

TEST_F(TargetOwnStatisticsTest, CallsThatWaitToEnterAreInFlightAndWait) {
  Set("classifier",
      "delay { fixed { seconds: 600 } } classifier { tenant_capacity: 1 }");
  std::vector<grpc::ClientContext> contexts(3);
  std::vector<std::thread> callers;
  for (grpc::ClientContext& context : contexts) {
    callers.emplace_back([&] {
      api::ClassifyResponse response;
      const auto stub = api::Classifier::NewStub(channel_);
      EXPECT_EQ(Call(*stub, &api::Classifier::Stub::Classify,
                     "tenant: 'a' text: 'x'", response, context)
                    .code(),
                absl::StatusCode::kCancelled);
    });
  }

  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("classifier").waiting() == 2 &&
           StatisticsOf("classifier").in_flight() == 3;
  }));
  EXPECT_EQ(StatisticsOf("classifier").started(), 3U);
  EXPECT_EQ(TotalsOf("classifier").waiting(), 2U);
  for (grpc::ClientContext& context : contexts) context.TryCancel();
  for (std::thread& caller : callers) caller.join();

  EXPECT_TRUE(Eventually([&] {
    const v1::TargetStatistics statistics = StatisticsOf("classifier");
    return statistics.waiting() == 0 && statistics.in_flight() == 0 &&
           statistics.started() == 3;
  }));
}

TEST_F(TargetOwnStatisticsTest, ATargetWithoutThemHasNone) {
  const v1::TargetStatistics echo = TotalsOf("echo");

  EXPECT_FALSE(echo.has_pool());
  EXPECT_FALSE(echo.has_cache());
  EXPECT_FALSE(echo.has_sessions_open());
  EXPECT_FALSE(echo.has_tokens());
}

}  // namespace
}  // namespace perfrig::targets
