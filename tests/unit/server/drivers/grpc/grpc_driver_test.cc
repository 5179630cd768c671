// Calls against a server that behaves.
#include "server/drivers/grpc/grpc_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "server/drivers/grpc/gzip.h"
#include "tests/support/rude_server/rude_server.h"
#include "tests/unit/server/drivers/grpc/caller.h"

namespace perfrig::drivers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Reply = RudeServer::Reply;
using Seen = RudeServer::Seen;

std::string ValueOf(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return "(none)";
}

TEST(GrpcDriver, MakesAUnaryCall) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  const Caller::Result& result = caller.Call(Caller::Unary("hello"));

  EXPECT_EQ(result.times_done, 1);
  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  EXPECT_THAT(result.messages, ElementsAre("hello"));
  EXPECT_EQ(result.outcome.messages_sent, 1U);
  EXPECT_EQ(result.outcome.messages_received, 1U);
  EXPECT_EQ(result.outcome.bytes_sent, 10U);
  EXPECT_EQ(result.outcome.bytes_received, 10U);
  EXPECT_GT(result.outcome.sent, 0);
  EXPECT_GE(result.outcome.first, result.outcome.sent);
  EXPECT_GE(result.outcome.done, result.outcome.first);
  EXPECT_EQ(result.outcome.stream_wait, 0);
}

TEST(GrpcDriver, SendsTheHeadersOfGrpc) {
  Seen seen;
  RudeServer server({}, [&](const Seen& call) {
    seen = call;
    return RudeServer::EchoBack(call);
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Caller::Unary("x");
  request.timeout = 20 * kSecond;
  request.metadata = {{"tenant", "acme"}, {"key-bin", std::string("\0\1", 2)}};

  caller.Call(request);

  EXPECT_EQ(seen.Header(":method"), "POST");
  EXPECT_EQ(seen.Header(":path"), "/test.Service/Method");
  EXPECT_EQ(seen.Header(":authority"), server.address());
  EXPECT_EQ(seen.Header("te"), "trailers");
  EXPECT_EQ(seen.Header("content-type"), "application/grpc");
  EXPECT_EQ(seen.Header("grpc-timeout"), "20000m");
  EXPECT_EQ(seen.Header("tenant"), "acme");
  EXPECT_EQ(seen.Header("key-bin"), "AAE");
}

TEST(GrpcDriver, KeepsMetadataOfTheAnswer) {
  RudeServer server({}, [](const Seen& call) {
    Reply reply = RudeServer::EchoBack(call);
    reply.headers.emplace_back("leading", "one");
    reply.trailers = {{"grpc-status", "0"},
                      {"trailing-bin", "AAE"},
                      {"grpc-status-details-bin", "aGk="}};
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  const Caller::Result& result = caller.Call(Caller::Unary("x"));

  EXPECT_EQ(ValueOf(result.headers, "leading"), "one");
  EXPECT_EQ(ValueOf(result.trailers, "trailing-bin"), std::string("\0\1", 2));
  EXPECT_EQ(ValueOf(result.trailers, "grpc-status-details-bin"), "hi");
  EXPECT_EQ(result.trailers.size(), 2U);
}

TEST(GrpcDriver, RefusesMetadataThatHttpCannotCarry) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request name = Caller::Unary("x");
  name.metadata = {{"Tenant", "acme"}};
  Request value = Caller::Unary("x");
  value.metadata = {{"tenant", "a\nb"}};

  EXPECT_THAT(caller.Call(name).message, HasSubstr("\"Tenant\""));
  EXPECT_THAT(caller.Call(value).message, HasSubstr("tenant: the value"));
  EXPECT_EQ(caller.result(0).outcome.status, kInternal);
  EXPECT_EQ(caller.result(0).outcome.sent, 0);
  EXPECT_EQ(server.calls(), 0U);
}

TEST(GrpcDriver, ReadsStatusAndMessageFromTrailersOnly) {
  RudeServer server({}, [](const Seen&) {
    return RudeServer::Status(5, "no such row: %E2%82%AC");
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  const Caller::Result& result = caller.Call(Caller::Unary("x"));

  EXPECT_EQ(result.outcome.status, 5);
  EXPECT_EQ(result.message, "no such row: €");
  EXPECT_TRUE(result.messages.empty());
}

TEST(GrpcDriver, StreamsInBothDirections) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Caller::Unary("");
  request.messages = {"one", "", "three"};
  request.single_response = false;

  const Caller::Result& result = caller.Call(request);

  EXPECT_EQ(result.outcome.status, kOk);
  EXPECT_THAT(result.messages, ElementsAre("one", "", "three"));
  EXPECT_EQ(result.outcome.messages_sent, 3U);
  EXPECT_EQ(result.outcome.messages_received, 3U);
}

TEST(GrpcDriver, SendsAndGetsStreamsWithoutMessages) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Caller::Unary("");
  request.messages.clear();
  request.single_response = false;

  const Caller::Result& result = caller.Call(request);

  EXPECT_EQ(result.outcome.status, kOk);
  EXPECT_TRUE(result.messages.empty());
  EXPECT_EQ(result.outcome.first, 0);
}

TEST(GrpcDriver, CarriesFiftyMegabytesBothWays) {
  RudeServer server({.window = 1 << 20}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  std::string large = Filler(50'000'000);
  large[25'000'000] = 'y';

  const Caller::Result& result = caller.Call(Caller::Unary(large));

  ASSERT_EQ(result.outcome.status, kOk) << result.message;
  ASSERT_EQ(result.messages.size(), 1U);
  EXPECT_TRUE(result.messages[0] == large);
}

TEST(GrpcDriver, CompressesRequestsAndReadsCompressedAnswers) {
  std::string seen;
  RudeServer server({}, [&](const Seen& call) {
    seen = call.Header("grpc-encoding");
    Reply reply = RudeServer::EchoBack(call);
    reply.headers.emplace_back("grpc-encoding", "gzip");
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Caller::Unary(std::string(10'000, 'x'));
  request.gzip = true;

  const Caller::Result& result = caller.Call(std::move(request));

  EXPECT_EQ(seen, "gzip");
  ASSERT_EQ(result.messages.size(), 1U);
  EXPECT_TRUE(result.messages[0] == std::string(10'000, 'x'));
  EXPECT_LT(result.outcome.bytes_sent, 200U);
}

TEST(GrpcDriver, EndsACallAtItsDeadline) {
  RudeServer server({}, [](const Seen&) {
    Reply reply;
    reply.hangs = true;
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Caller::Unary("x");
  request.timeout = 20 * kMillisecond;

  const Caller::Result& result = caller.Call(request);

  EXPECT_EQ(result.outcome.status, kDeadlineExceeded);
  EXPECT_EQ(result.message, "the deadline of 20ms passed");
  const Nanos took = result.outcome.done - result.outcome.sent;
  EXPECT_GE(took, 19 * kMillisecond);
  EXPECT_LT(took, 2 * kSecond);
}

TEST(GrpcDriver, CancelsACallAndGoesOn) {
  RudeServer server({}, [](const Seen& call) {
    Reply reply = RudeServer::EchoBack(call);
    reply.hangs = call.number == 0;
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  caller.Start(0, Caller::Unary("x"));
  caller.PollFor(20 * kMillisecond);
  ASSERT_EQ(caller.open(), 1);

  caller.Cancel(0);
  caller.Cancel(0);
  ASSERT_TRUE(caller.Finish());

  EXPECT_EQ(caller.result(0).outcome.status, kCancelled);
  EXPECT_EQ(caller.result(0).times_done, 1);
  EXPECT_EQ(caller.Call(Caller::Unary("y")).outcome.status, kOk);
}

TEST(GrpcDriver, StartsCallsFromWithinOnDone) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  int left = 999;
  caller.on_done = [&](Slot slot) {
    if (left-- > 0) caller.Start(slot, Caller::Unary("again"));
  };

  caller.Start(3, Caller::Unary("first"));
  ASSERT_TRUE(caller.Finish());

  EXPECT_EQ(caller.result(3).times_done, 1000);
  EXPECT_EQ(server.calls(), 1000U);
}

TEST(GrpcDriver, SpreadsConnectionsOverAddresses) {
  RudeServer first({}, RudeServer::EchoBack);
  RudeServer second({}, RudeServer::EchoBack);
  Caller caller({first.address(), second.address()}, {}, {.count = 4});
  ASSERT_TRUE(caller.Connect().ok());
  for (std::uint32_t i = 0; i < 8; ++i) {
    Request request = Caller::Unary("x");
    request.affinity = i;
    caller.Start(i, request);
  }

  ASSERT_TRUE(caller.Finish());

  EXPECT_EQ(first.connections(), 2U);
  EXPECT_EQ(second.connections(), 2U);
  EXPECT_EQ(first.calls(), 4U);
  EXPECT_EQ(second.calls(), 4U);
  const Connections connections = caller.TakeConnections();
  EXPECT_EQ(connections.made, 4U);
  EXPECT_EQ(connections.reconnects, 0U);
  EXPECT_EQ(connections.connect_times.size(), 4U);
}

TEST(GrpcDriver, TriesTheOtherEndpointsOfAName) {
  // "localhost" is ::1 and 127.0.0.1 on most machines; here one listens.
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({"localhost:" + std::to_string(server.port())});

  EXPECT_TRUE(caller.Connect().ok());
  EXPECT_EQ(caller.Call(Caller::Unary("x")).outcome.status, kOk);
}

TEST(GrpcDriver, SpeaksOverUnixSockets) {
  const std::string path =
      testing::TempDir() + "perfrig-" + std::to_string(getpid()) + ".sock";
  RudeServer server({.listen = "unix:" + path}, RudeServer::EchoBack);
  Caller caller({"unix:" + path});

  EXPECT_TRUE(caller.Connect().ok());
  EXPECT_EQ(caller.Call(Caller::Unary("x")).outcome.status, kOk);
}

TEST(GrpcDriver, SpeaksOverIpv6) {
  RudeServer server({.listen = "::1"}, RudeServer::EchoBack);
  Caller caller({server.address()});

  EXPECT_TRUE(caller.Connect().ok());
  EXPECT_EQ(caller.Call(Caller::Unary("x")).outcome.status, kOk);
}

TEST(GrpcDriver, RefusesAddressesThatAreNone) {
  SystemClock clock;
  struct Ignore : Observer {
    void OnMessage(Slot, std::string_view, Nanos) override {}
    void OnDone(Slot, const Outcome&) override {}
  } ignore;

  EXPECT_EQ(GrpcDriverFactory(clock, {}).Create({}, ignore).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      GrpcDriverFactory(clock, {"shop"}).Create({}, ignore).status().code(),
      absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace perfrig::drivers
