// The Orchestrator target.
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/status/details.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/orchestrator.grpc.pb.h"
#include "server/targets/behavior/delay_sampler.h"
#include "tests/integration/hosted_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::HasSubstr;
using Stub = api::Orchestrator::Stub;
using Code = absl::StatusCode;

class OrchestratorTest : public HostedTest {
 protected:
  static std::string Prompt(std::size_t bytes) {
    return "messages { text: '" + std::string(bytes, 'x') + "' } ";
  }

  absl::Status Chat(const std::string& request, api::ChatResponse& response) {
    return Call(*stub_, &Stub::Chat, request, response);
  }
  api::ChatResponse Chat(const std::string& request) {
    api::ChatResponse response;
    const absl::Status status = Chat(request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  std::vector<api::ChatChunk> Stream(const std::string& text) {
    grpc::ClientContext context;
    api::ChatRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    const auto reader = stub_->ChatStream(&context, request);
    std::vector<api::ChatChunk> chunks;
    api::ChatChunk chunk;
    while (reader->Read(&chunk)) chunks.push_back(chunk);
    EXPECT_TRUE(reader->Finish().ok());
    phases_ = TrailerOf(context, "perfrig-phases");
    return chunks;
  }
  // What the last call injected.
  Nanos Injected() { return StatisticsOf("orchestrator").injected().max_ns(); }

  // Runs `calls` while another chat hangs in work. The behavior is to make a
  // call hang.
  void BesideAnotherChat(const std::function<void()>& calls) {
    grpc::ClientContext context;
    std::thread other([&] {
      api::ChatResponse response;
      Call(*stub_, &Stub::Chat, Prompt(4), response, context).IgnoreError();
    });
    EXPECT_TRUE(
        Eventually([&] { return StateOf("orchestrator", "chatting") == 1; }));
    v1::UpdateBehaviorRequest no_faults;
    no_faults.set_name("orchestrator");
    no_faults.mutable_update_mask()->add_paths("faults");
    EXPECT_TRUE(host_.Update(no_faults).ok());
    calls();
    context.TryCancel();
    other.join();
  }

  std::unique_ptr<Stub> stub_ = api::Orchestrator::NewStub(channel_);
  // Of the last stream.
  std::string phases_;
};

TEST_F(OrchestratorTest, AChatTakesAHundredMillisecondsAToolFifty) {
  Chat(Prompt(10'000));
  EXPECT_EQ(Injected(), 100 * kMillisecond);

  api::ExecuteToolResponse response;
  ASSERT_TRUE(
      Call(*stub_, &Stub::ExecuteTool, "name: 'weather' call_id: 'c'", response)
          .ok());

  EXPECT_EQ(StatisticsOf("orchestrator").injected().min_ns(),
            50 * kMillisecond);
  EXPECT_EQ(response.name(), "weather");
  EXPECT_EQ(response.call_id(), "c");
  EXPECT_FALSE(response.result().empty());
}

TEST_F(OrchestratorTest, TheGapsOfAStreamAreDelaysOfItsOwn) {
  Set("orchestrator", "delay { fixed { nanos: 600000000 } }");

  Stream(Prompt(1));

  // Of 60 tokens all but those whose time had come before.
  EXPECT_GT(StatisticsOf("orchestrator").injected().count(), 5);
  EXPECT_EQ(StatisticsOf("orchestrator").lateness().count(),
            StatisticsOf("orchestrator").injected().count());
}

TEST_F(OrchestratorTest, AToolsTimeIsItsOwnUnlessTheCallAsks) {
  Set("orchestrator",
      "delay { fixed { seconds: 600 } } "
      "orchestrator { tool_delay { nanos: 2000000 } }");
  api::ExecuteToolResponse response;
  ASSERT_TRUE(Call(*stub_, &Stub::ExecuteTool, "name: 'x'", response).ok());
  EXPECT_EQ(Injected(), 2 * kMillisecond);

  grpc::ClientContext context;
  context.AddMetadata("perfrig-delay", "7ms");
  ASSERT_TRUE(
      Call(*stub_, &Stub::ExecuteTool, "name: 'x'", response, context).ok());
  EXPECT_EQ(Injected(), 7 * kMillisecond);
}

TEST_F(OrchestratorTest, TokensAreTwiceThePromptFromSixtyToTwoHundred) {
  Set("orchestrator", "delay { fixed {} }");

  const auto usage = [&](const std::string& request) {
    return Chat(request).usage();
  };
  EXPECT_EQ(usage("messages { text: 'Hello' }").prompt_tokens(), 2);
  EXPECT_EQ(usage("messages { text: 'Hello' }").completion_tokens(), 60);
  EXPECT_EQ(usage(Prompt(180)).completion_tokens(), 90);
  EXPECT_EQ(usage(Prompt(180)).total_tokens(), 135);
  EXPECT_EQ(usage(Prompt(100'000)).completion_tokens(), 200);
  EXPECT_EQ(usage(Prompt(5) + Prompt(5)).prompt_tokens(), 4);
  const auto cut = Chat(Prompt(400) + "max_tokens: 10");
  EXPECT_EQ(cut.usage().completion_tokens(), 10);
  EXPECT_EQ(cut.finish_reason(), api::LENGTH);
  EXPECT_EQ(cut.text().size(), 40);
}

TEST_F(OrchestratorTest, EqualPromptsHaveEqualAnswersUnderOneSeed) {
  Set("orchestrator", "delay { fixed {} } seed: 3");
  const auto first = Chat(Prompt(100));
  const auto second = Chat(Prompt(100));
  std::string streamed;
  for (const auto& chunk : Stream(Prompt(100))) streamed += chunk.text();
  Set("orchestrator", "seed: 4");

  EXPECT_EQ(first.text(), second.text());
  EXPECT_EQ(first.text(), streamed);
  EXPECT_NE(first.text(), Chat(Prompt(100)).text());
  EXPECT_NE(first.text(), Chat(Prompt(101)).text());
}

TEST_F(OrchestratorTest, AStreamSpreadsTheDelayOverItsTokens) {
  const Nanos start = clock_.Now();
  const auto chunks = Stream(Prompt(160));

  ASSERT_EQ(chunks.size(), 80);
  EXPECT_GE(clock_.Now() - start, 100 * kMillisecond);
  for (std::uint32_t i = 0; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i].index(), i);
    EXPECT_EQ(chunks[i].tokens(), i + 1);
    EXPECT_GE(ToNanos(chunks[i].sent()), ToNanos(chunks[i].due()));
    EXPECT_EQ(chunks[i].has_usage(), i == 79);
  }
  // Due times are absolute: equally far apart, however late each was.
  EXPECT_EQ(ToNanos(chunks[79].due()) - ToNanos(chunks[0].due()),
            79 * (100 * kMillisecond / 80));
  EXPECT_EQ(chunks[79].finish_reason(), api::STOP);
  EXPECT_THAT(phases_, HasSubstr("gap="));
  EXPECT_THAT(phases_, HasSubstr("first_token="));
}

TEST_F(OrchestratorTest, AModelTakesLongerForALongerPrompt) {
  Set("orchestrator", "orchestrator { profile: MODEL_8B token_gap {} }");
  const auto first_due = [&](std::size_t tokens) {
    return ToNanos(Stream(Prompt(4 * tokens) + "max_tokens: 1")[0].due());
  };

  // From the arrival: a little more than the model's own time.
  EXPECT_GE(first_due(10), 31 * kMillisecond);
  EXPECT_GE(first_due(1'000), 130 * kMillisecond);
  EXPECT_EQ(Injected(), 130 * kMillisecond);
  Set("orchestrator", "orchestrator { profile: MODEL_70B }");
  Chat(Prompt(400));
  EXPECT_EQ(Injected(), 210 * kMillisecond);
}

TEST_F(OrchestratorTest, AModelPacesChatAndStreamAlike) {
  Set("orchestrator",
      "orchestrator { profile: MODEL_8B token_gap { nanos: 1000000 } }");

  const auto chunks = Stream("messages { text: 'x' }");
  EXPECT_EQ(ToNanos(chunks[59].due()) - ToNanos(chunks[0].due()),
            59 * kMillisecond);
  Chat("messages { text: 'x' }");

  EXPECT_EQ(Injected(), 30'100 * kMicrosecond + 59 * kMillisecond);
}

TEST_F(OrchestratorTest, AModelSlowsDownWithConcurrency) {
  Set("orchestrator",
      "orchestrator { profile: MODEL_8B token_gap {} } "
      "faults { rate: 1 hang: true }");

  BesideAnotherChat([&] { Chat(Prompt(4)); });

  EXPECT_EQ(Injected(), 30'702 * kMicrosecond);
}

TEST_F(OrchestratorTest, LoadSlowsChatAndStreamAlike) {
  Set("orchestrator",
      "orchestrator { profile: MODEL_8B token_gap { nanos: 1000000 } } "
      "load_factor: 1 faults { rate: 1 hang: true }");

  BesideAnotherChat([&] {
    const auto chunks = Stream(Prompt(4));
    EXPECT_EQ(ToNanos(chunks[59].due()) - ToNanos(chunks[0].due()),
              118 * kMillisecond);
    Chat(Prompt(4));
  });

  EXPECT_EQ(Injected(), 2 * (30'100 * kMicrosecond + 59 * kMillisecond));
}

TEST_F(OrchestratorTest, ATenantsBudgetIsUsedUpByItsTokens) {
  Set("orchestrator",
      "delay { fixed {} } "
      "orchestrator { token_budget: 200 budget_window { seconds: 86400 } }");
  const std::string request = Prompt(40) + "tenant: ";
  api::ChatResponse response;
  ASSERT_TRUE(Chat(request + "'a'", response).ok());
  ASSERT_TRUE(Chat(request + "'a'", response).ok());

  const absl::Status refused = Chat(request + "'a'", response);

  EXPECT_EQ(refused.code(), Code::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("takes 70 tokens, tenant \"a\" has 60 of 200 left"));
  ASSERT_TRUE(RetryOf(refused).has_value());
  EXPECT_GT(*RetryOf(refused), 0);
  EXPECT_TRUE(Chat(request + "'b'", response).ok());
  const absl::Status never = Chat(Prompt(4'000) + "tenant: 'c'", response);
  EXPECT_EQ(never.code(), Code::kResourceExhausted);
  EXPECT_FALSE(RetryOf(never).has_value());
  EXPECT_EQ(StateOf("orchestrator", "over_budget"), 2);
}

TEST_F(OrchestratorTest, AChatThatDoesNotBeginCostsNothing) {
  Set("orchestrator",
      "delay { fixed {} } faults { rate: 1 status: 'UNAVAILABLE' } "
      "orchestrator { token_budget: 70 budget_window { seconds: 86400 } }");
  api::ChatResponse response;
  EXPECT_EQ(Chat(Prompt(40), response).code(), Code::kUnavailable);

  Set("orchestrator", "faults { rate: 0 status: 'UNAVAILABLE' }");

  EXPECT_TRUE(Chat(Prompt(40) + "tenant: 'a'", response).ok());
  EXPECT_EQ(host_.Get("orchestrator")
                ->state()
                .fields()
                .at("tokens_left")
                .struct_value()
                .fields()
                .at("a")
                .number_value(),
            0);
}

TEST_F(OrchestratorTest, ABudgetComesBackWithTheNextWindow) {
  Set("orchestrator",
      "delay { fixed {} } "
      "orchestrator { token_budget: 70 budget_window { nanos: 50000000 } }");
  api::ChatResponse response;
  ASSERT_TRUE(Chat(Prompt(40), response).ok());

  EXPECT_TRUE(Eventually([&] { return Chat(Prompt(40), response).ok(); }));
}

TEST_F(OrchestratorTest, AModelCallsTheToolsThatAreNamed) {
  Set("orchestrator", "delay { fixed {} }");
  const std::string tools =
      "tools { name: 'weather' } tools { name: 'stocks' } ";

  const auto named = Chat(tools + "messages { text: 'How is the weather?' }");
  const auto unnamed = Chat(tools + "messages { text: 'Hello' }");
  const auto required =
      Chat(tools + "tool_choice: REQUIRED messages { text: 'Hello' }");
  const auto none =
      Chat(tools + "tool_choice: NONE messages { text: 'weather' }");
  const auto answered = Chat(
      tools +
      "messages { text: 'weather' } messages { role: TOOL text: 'weather' }");

  ASSERT_EQ(named.tool_calls_size(), 1);
  EXPECT_EQ(named.tool_calls(0).name(), "weather");
  EXPECT_FALSE(named.tool_calls(0).id().empty());
  EXPECT_EQ(named.tool_calls(0).arguments().fields().at("input").string_value(),
            "How is the weather?");
  EXPECT_EQ(named.finish_reason(), api::TOOL_CALLS);
  EXPECT_EQ(unnamed.tool_calls_size(), 0);
  ASSERT_EQ(required.tool_calls_size(), 1);
  EXPECT_EQ(required.tool_calls(0).name(), "weather");
  EXPECT_EQ(none.tool_calls_size(), 0);
  EXPECT_EQ(answered.tool_calls_size(), 0);
  EXPECT_EQ(StateOf("orchestrator", "tool_calls"), 2);
}

TEST_F(OrchestratorTest, ACancelledStreamStopsGenerating) {
  Set("orchestrator",
      "delay { fixed {} } orchestrator { token_gap { nanos: 20000000 } }");
  {
    grpc::ClientContext context;
    api::ChatRequest request;
    request.add_messages()->set_text(std::string(400, 'x'));
    const auto reader = stub_->ChatStream(&context, request);
    api::ChatChunk chunk;
    ASSERT_TRUE(reader->Read(&chunk));
    context.TryCancel();
    reader->Finish();
  }

  EXPECT_TRUE(
      Eventually([&] { return StateOf("orchestrator", "cancelled") == 1; }));
  EXPECT_TRUE(
      Eventually([&] { return StateOf("orchestrator", "chatting") == 0; }));
  EXPECT_GE(StateOf("orchestrator", "completion_tokens"), 1);
  EXPECT_LT(StateOf("orchestrator", "completion_tokens"), 200);
}

TEST_F(OrchestratorTest, AnExpiredChatLeavesAtOnce) {
  Set("orchestrator", "delay { fixed { seconds: 600 } }");
  grpc::ClientContext context;
  context.set_deadline(
      absl::ToChronoTime(clock_.WallTime() + absl::Milliseconds(50)));
  api::ChatResponse response;

  EXPECT_EQ(Call(*stub_, &Stub::Chat, Prompt(4), response, context).code(),
            Code::kDeadlineExceeded);

  EXPECT_TRUE(Eventually(
      [&] { return StatisticsOf("orchestrator").in_flight() == 0; }));
  EXPECT_EQ(StateOf("orchestrator", "cancelled"), 1);
}

TEST_F(OrchestratorTest, TellsWhichFieldIsWrong) {
  const auto message = [&](const std::string& request) {
    api::ChatResponse response;
    const absl::Status status = Chat(request, response);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return std::string(status.message());
  };

  EXPECT_EQ(message(""), "messages: must be 1 to 1000, got 0");
  EXPECT_EQ(message(Prompt(1'000'001)),
            "messages: their text must have at most 1000000 bytes, got "
            "1000001");
  EXPECT_EQ(message(Prompt(1) + "max_tokens: 201"),
            "max_tokens: must be 0 to 200, got 201");
  EXPECT_EQ(message(Prompt(1) + "tools {}"),
            "tools[0].name: must have 1 to 128 bytes, got 0");
  EXPECT_EQ(message(Prompt(1) + "tool_choice: REQUIRED"),
            "tools: must not be empty where tool_choice is REQUIRED");
  EXPECT_THAT(message(Prompt(1) + "tenant: '" + std::string(129, 'x') + "'"),
              HasSubstr("tenant: must have 0 to 128 bytes, got 129"));
  api::ExecuteToolResponse response;
  EXPECT_EQ(Call(*stub_, &Stub::ExecuteTool, "", response).message(),
            "name: must have 1 to 128 bytes, got 0");
}

}  // namespace
}  // namespace perfrig::targets
