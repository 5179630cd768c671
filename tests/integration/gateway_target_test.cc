// The Gateway target over real gRPC.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/database.grpc.pb.h"
#include "perfrig/target/v1/gateway.grpc.pb.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using api::SessionResponse;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// One session, as a client has it.
class Session {
 public:
  explicit Session(api::Gateway::Stub& stub)
      : stream_(stub.Session(&context_)) {
    opened_ = stream_->Read(&event_) && event_.has_opened();
  }
  ~Session() {
    if (ended_) return;
    context_.TryCancel();
    stream_->Finish();
  }

  [[nodiscard]] bool opened() const { return opened_; }
  bool Send(const std::string& id, const std::string& text = "hello") {
    api::SendMessageRequest request;
    request.set_tenant("acme");
    request.set_user("ada");
    request.set_id(id);
    request.set_text(text);
    return stream_->Write(request);
  }
  // The next event; an empty one at the end.
  SessionResponse Read() {
    SessionResponse event;
    if (!stream_->Read(&event)) return {};
    return event;
  }
  void HalfClose() { stream_->WritesDone(); }
  grpc::Status Finish() {
    ended_ = true;
    return stream_->Finish();
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<api::SendMessageRequest, SessionResponse>>
      stream_;
  SessionResponse event_;
  bool opened_ = false;
  bool ended_ = false;
};

class GatewayTargetTest : public TargetsTest {
 protected:
  grpc::Status Send(const std::string& request,
                    api::SendMessageResponse& response,
                    absl::Duration deadline = absl::Seconds(30)) {
    return Call(*gateway_, &api::Gateway::Stub::SendMessage,
                Parse<api::SendMessageRequest>(request), response, deadline);
  }
  std::string Refusal(const std::string& request) {
    api::SendMessageResponse response;
    const grpc::Status status = Send(request, response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  }
  // Counts come a moment after the client has seen the end.
  bool Reaches(const std::string& name, double value) {
    return Eventually([&] { return StateOf("gateway", name) == value; });
  }

  std::unique_ptr<api::Gateway::Stub> gateway_ =
      api::Gateway::NewStub(channel_);
};

TEST_F(GatewayTargetTest, AMessageTakesWhatStandsBehindTheGateway) {
  api::SendMessageResponse response;
  const Nanos start = clock_.Now();

  ASSERT_TRUE(
      Send("tenant: 'acme' user: 'ada' id: '7' text: 'hello'", response).ok());

  EXPECT_GE(clock_.Now() - start, 120 * kMillisecond);
  EXPECT_EQ(response.id(), "7");
  EXPECT_FALSE(response.text().empty());
  EXPECT_GT(response.completion_tokens(), 0);
  EXPECT_EQ(response.total_tokens(),
            response.prompt_tokens() + response.completion_tokens());
  EXPECT_THAT(phases_, AllOf(HasSubstr("database="), HasSubstr("chat="),
                             HasSubstr("parse="), HasSubstr("authorize=")));
  EXPECT_EQ(StatisticsOf("database").started(), 1);
}

TEST_F(GatewayTargetTest, ASessionAnswersInOrder) {
  Set("database", "delay { uniform { max { nanos: 20000000 } } }");
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());

  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(session.Send(std::to_string(i)));
  session.HalfClose();

  for (int i = 1; i <= 4; ++i) {
    const SessionResponse event = session.Read();
    EXPECT_EQ(event.answer().id(), std::to_string(i));
    EXPECT_EQ(event.messages(), i);
  }
  EXPECT_EQ(session.Read().closed().reason(), SessionResponse::Closed::DONE);
  EXPECT_TRUE(session.Finish().ok());
  EXPECT_TRUE(Reaches("closed_done", 1));
  EXPECT_EQ(StateOf("gateway", "messages"), 4);
  EXPECT_EQ(StateOf("gateway", "sessions"), 0);
}

TEST_F(GatewayTargetTest, AMessageThatFailsLeavesItsSessionOpen) {
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());

  ASSERT_TRUE(session.Send("1", " \t "));
  const SessionResponse wrong = session.Read();
  Set("gateway", "gateway { denied_users: 'acme/a*' }");
  ASSERT_TRUE(session.Send("2"));
  const SessionResponse denied = session.Read();
  Set("gateway", "gateway { denied_users: '' }");
  Set("database", "faults { rate: 1 status: 'UNAVAILABLE' }");
  ASSERT_TRUE(session.Send("3"));
  const SessionResponse down = session.Read();
  Set("database", "faults { rate: 0 status: 'UNAVAILABLE' }");
  ASSERT_TRUE(session.Send("4"));
  const SessionResponse answered = session.Read();

  EXPECT_EQ(wrong.failure().id(), "1");
  EXPECT_EQ(wrong.failure().status(), "INVALID_ARGUMENT");
  EXPECT_EQ(wrong.failure().message(), "text: must not be all white space");
  EXPECT_EQ(denied.failure().status(), "PERMISSION_DENIED");
  EXPECT_EQ(down.failure().status(), "UNAVAILABLE");
  EXPECT_EQ(answered.answer().id(), "4");
}

TEST_F(GatewayTargetTest, AUserWhoseRowIsGoneIsDenied) {
  api::ExecuteResponse deleted;
  ASSERT_TRUE(
      Call(*database_, &api::Database::Stub::Execute,
           Parse<api::ExecuteRequest>("table: 'users' delete: 'acme/eve'"),
           deleted)
          .ok());
  api::SendMessageResponse response;

  EXPECT_EQ(Send("tenant: 'acme' user: 'eve' text: 'x'", response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Send("tenant: 'acme' user: 'ada' text: 'x'", response).ok());
}

TEST_F(GatewayTargetTest, ASilentSessionIsSentHeartbeatsAndClosedWhenIdle) {
  Set("gateway",
      "gateway { heartbeat { nanos: 20000000 } "
      "idle_timeout { nanos: 500000000 } }");
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());
  const Nanos start = clock_.Now();
  int heartbeats = 0;

  SessionResponse event = session.Read();
  for (; event.has_heartbeat(); event = session.Read()) ++heartbeats;

  EXPECT_EQ(event.closed().reason(), SessionResponse::Closed::IDLE);
  EXPECT_GE(clock_.Now() - start, 400 * kMillisecond);
  EXPECT_GE(heartbeats, 1);
  EXPECT_TRUE(session.Finish().ok());
  EXPECT_TRUE(Reaches("closed_idle", 1));
}

TEST_F(GatewayTargetTest, AHeartbeatDoesNotTouchTheNextMessage) {
  Set("gateway", "gateway { heartbeat { nanos: 5000000 } }");
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());

  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(session.Read().has_heartbeat());
    ASSERT_TRUE(session.Send(std::to_string(i)));
    SessionResponse event = session.Read();
    while (event.has_heartbeat()) event = session.Read();
    EXPECT_EQ(event.answer().id(), std::to_string(i));
  }
}

TEST_F(GatewayTargetTest, ASlowReaderHoldsUpNobodyElseAndIsClosed) {
  Set("database", "delay { fixed {} }");
  Set("gateway", "gateway { idle_timeout { seconds: 1 } }");
  grpc::ChannelArguments narrow;
  narrow.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64);
  narrow.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  const auto stub = api::Gateway::NewStub(
      grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_),
                                grpc::InsecureChannelCredentials(), narrow));
  Session slow(*stub);
  ASSERT_TRUE(slow.opened());
  for (int i = 0; i < 20; ++i) slow.Send(std::to_string(i));

  Session quick(*gateway_);
  ASSERT_TRUE(quick.opened());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(quick.Send(std::to_string(i)));
    EXPECT_EQ(quick.Read().answer().id(), std::to_string(i));
  }

  EXPECT_TRUE(Reaches("closed_slow_reader", 1));
  EXPECT_EQ(StatisticsOf("gateway").finished().at("ABORTED"), 1);
}

TEST_F(GatewayTargetTest, ThereAreOnlySoManySessions) {
  Set("gateway", "gateway { sessions: 2 }");
  auto first = std::make_unique<Session>(*gateway_);
  const Session second(*gateway_);
  ASSERT_TRUE(first->opened() && second.opened());
  {
    Session third(*gateway_);
    EXPECT_FALSE(third.opened());
    const grpc::Status status = third.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(status.error_message(), "sessions: at most 2 may be open");
  }
  first.reset();
  ASSERT_TRUE(Reaches("sessions", 1));

  EXPECT_TRUE(Session(*gateway_).opened());
  EXPECT_TRUE(Reaches("closed_gone", 2));
}

TEST_F(GatewayTargetTest, ManySessionsAreOpenAtOnce) {
  Set("database", "delay { fixed {} } capacity: 0");
  constexpr int kSessions = 300;
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < kSessions; ++i) {
    sessions.push_back(std::make_unique<Session>(*gateway_));
    ASSERT_TRUE(sessions.back()->opened());
  }
  EXPECT_EQ(StateOf("gateway", "sessions"), kSessions);

  for (const auto& session : sessions) ASSERT_TRUE(session->Send("x"));

  for (const auto& session : sessions) {
    EXPECT_EQ(session->Read().answer().id(), "x");
  }
  EXPECT_EQ(StatisticsOf("gateway").in_flight(), kSessions);
}

TEST_F(GatewayTargetTest, ACancelledSessionLeavesTheDatabaseAtOnce) {
  Set("database", "delay { fixed { seconds: 600 } }");
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());
  ASSERT_TRUE(session.Send("1"));
  ASSERT_TRUE(
      Eventually([&] { return StatisticsOf("database").in_flight() == 1; }));

  session.Cancel();

  EXPECT_TRUE(Reaches("closed_gone", 1));
  EXPECT_EQ(StatisticsOf("database").in_flight(), 0);
  EXPECT_THAT(StatisticsOf("gateway").finished(),
              ElementsAre(Pair("CANCELLED", 1)));
}

TEST_F(GatewayTargetTest, AnExpiredMessageLeavesWhatStandsBehindAtOnce) {
  Set("database", "delay { fixed { seconds: 600 } }");
  api::SendMessageResponse response;

  EXPECT_EQ(
      Send("tenant: 'a' user: 'b' text: 'c'", response, absl::Milliseconds(50))
          .error_code(),
      grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("gateway").in_flight() == 0 &&
           StatisticsOf("database").in_flight() == 0;
  }));
}

TEST_F(GatewayTargetTest, AResetEndsSessionsThatWait) {
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());

  ASSERT_TRUE(host_.Reset("gateway").ok());

  EXPECT_EQ(session.Read().event_case(), SessionResponse::EVENT_NOT_SET);
  EXPECT_EQ(session.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Reaches("sessions", 0));
}

TEST_F(GatewayTargetTest, AResetEndsSessionsWhoseModelIsAtWork) {
  Set("orchestrator", "delay { fixed { seconds: 600 } }");
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());
  ASSERT_TRUE(session.Send("1"));
  ASSERT_TRUE(Eventually(
      [&] { return StatisticsOf("orchestrator").in_flight() == 1; }));

  ASSERT_TRUE(host_.Reset("gateway").ok());

  EXPECT_EQ(session.Read().event_case(), SessionResponse::EVENT_NOT_SET);
  EXPECT_EQ(session.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Reaches("sessions", 0));
}

TEST_F(GatewayTargetTest, FaultsOfTheGatewayEndTheSession) {
  Set("gateway", "faults { rate: 1 drop: true }");
  Session session(*gateway_);
  ASSERT_TRUE(session.opened());
  ASSERT_TRUE(session.Send("1"));

  EXPECT_TRUE(session.Read().has_answer());
  EXPECT_EQ(session.Read().event_case(), SessionResponse::EVENT_NOT_SET);
  EXPECT_EQ(session.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Reaches("closed_failed", 1));
}

TEST_F(GatewayTargetTest, TellsWhichFieldIsWrong) {
  EXPECT_EQ(Refusal("user: 'b' text: 'c'"),
            "tenant: must have 1 to 128 bytes, got 0");
  EXPECT_EQ(Refusal("tenant: 'a' text: 'c'"),
            "user: must have 1 to 256 bytes, got 0");
  EXPECT_EQ(
      Refusal("tenant: 'a' user: 'b' text: '" + std::string(32'769, 'x') + "'"),
      "text: must have 1 to 32768 bytes, got 32769");
}

}  // namespace
}  // namespace perfrig::targets
