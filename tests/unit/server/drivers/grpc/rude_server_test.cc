// Calls against a server that does not behave: each ends once, with the right
// status, and none is lost.
#include "tests/support/rude_server/rude_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include "server/drivers/grpc/gzip.h"
#include "tests/unit/server/drivers/grpc/caller.h"

namespace perfrig::drivers {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Manners = RudeServer::Manners;
using Reply = RudeServer::Reply;
using Seen = RudeServer::Seen;

constexpr std::uint32_t kRefusedStream = 0x7;
constexpr std::uint32_t kCancel = 0x8;
constexpr std::uint32_t kEnhanceYourCalm = 0xb;

// One call to a server that answers with `reply`.
Caller::Result CallFor(Reply reply, Request request = Caller::Unary("x")) {
  RudeServer server({}, [&](const Seen&) { return reply; });
  Caller caller({server.address()});
  EXPECT_TRUE(caller.Connect().ok());
  Caller::Result result = caller.Call(std::move(request));
  EXPECT_EQ(result.times_done, 1);
  return result;
}

Reply WithBody(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

// Runs `calls` calls, `at_once` in flight, and checks that each ended once.
void RunMany(Caller& caller, int calls, std::uint32_t at_once) {
  int left = calls - static_cast<int>(at_once);
  caller.on_done = [&](Slot slot) {
    if (left-- > 0) caller.Start(slot, Caller::Unary("x"));
  };
  for (Slot slot = 0; slot < at_once; ++slot) {
    caller.Start(slot, Caller::Unary("x"));
  }
  ASSERT_TRUE(caller.Finish());
  int done = 0;
  for (Slot slot = 0; slot < at_once; ++slot) {
    done += caller.result(slot).times_done;
    EXPECT_EQ(caller.result(slot).outcome.status, kOk)
        << caller.result(slot).message;
  }
  EXPECT_EQ(done, calls);
}

TEST(RudeServer, GoAwayEveryHundredCallsLosesNone) {
  RudeServer server({.goaway_every = 100}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  RunMany(caller, 5000, 32);

  EXPECT_EQ(server.calls(), 5000U);
  const Connections connections = caller.TakeConnections();
  EXPECT_EQ(connections.made, 1U);
  EXPECT_GE(connections.reconnects, 49U);
  EXPECT_LE(connections.reconnects, 50U);
}

TEST(RudeServer, GoAwayAtEveryCallLosesNone) {
  RudeServer server({.goaway_every = 1}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  RunMany(caller, 100, 4);

  EXPECT_EQ(server.calls(), 100U);
}

TEST(RudeServer, CallsBeyondTheStreamLimitWait) {
  RudeServer server({.max_streams = 1}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  RunMany(caller, 500, 10);

  EXPECT_EQ(server.calls(), 500U);
  EXPECT_GT(caller.result(9).outcome.stream_wait, 0);
}

TEST(RudeServer, CallsThatWaitForAStreamEndAtTheirDeadline) {
  RudeServer server({.max_streams = 1}, [](const Seen&) {
    Reply reply;
    reply.hangs = true;
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Caller::Unary("x");
  request.timeout = 30 * kMillisecond;
  caller.Start(0, Caller::Unary("x"));
  caller.PollFor(5 * kMillisecond);
  caller.Start(1, request);
  caller.PollFor(50 * kMillisecond);

  EXPECT_EQ(caller.open(), 1);
  EXPECT_EQ(caller.result(1).outcome.status, kDeadlineExceeded);
  EXPECT_EQ(caller.result(1).outcome.sent, 0);
  EXPECT_EQ(server.calls(), 1U);
}

TEST(RudeServer, AWindowOfOneByteIsEnough) {
  RudeServer server({.window = 1}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  RunMany(caller, 20, 4);

  EXPECT_EQ(server.calls(), 20U);
}

TEST(RudeServer, HalfAFrameAndSilenceEndAtTheDeadline) {
  // A DATA frame of 100 bytes on stream 1 that ends after its third.
  Reply reply;
  reply.hangs = true;
  reply.raw = std::string("\0\0\x64\0\0\0\0\0\1abc", 12);
  Request request = Caller::Unary("x");
  request.timeout = 50 * kMillisecond;

  const Caller::Result result = CallFor(reply, request);

  EXPECT_EQ(result.outcome.status, kDeadlineExceeded);
}

TEST(RudeServer, ResetsBecomeTheStatusOfTheirCode) {
  const std::pair<std::uint32_t, int> expected[] = {
      {kRefusedStream, kUnavailable},
      {kCancel, kCancelled},
      {kEnhanceYourCalm, kResourceExhausted},
      {0x2, kInternal},
      {0x0, kInternal}};
  for (const auto& [code, status] : expected) {
    Reply before_headers;
    before_headers.headers.clear();
    before_headers.reset = code;
    Reply after_message = WithBody(RudeServer::Framed("part"));
    after_message.reset = code;

    EXPECT_EQ(CallFor(before_headers).outcome.status, status) << code;
    const Caller::Result result = CallFor(after_message);
    EXPECT_EQ(result.outcome.status, status) << code;
    EXPECT_EQ(result.messages.size(), 1U);
    EXPECT_THAT(result.message, StartsWith("the stream was reset: "));
  }
}

TEST(RudeServer, AnswersThatAreNotGrpcAreUnknown) {
  Reply reply = WithBody("<html>");
  reply.headers = {{":status", "200"}, {"content-type", "text/html"}};

  const Caller::Result result = CallFor(reply);

  EXPECT_EQ(result.outcome.status, kUnknown);
  EXPECT_EQ(result.message,
            "content-type \"text/html\" is not application/grpc");
}

TEST(RudeServer, HttpStatusesBecomeTheirGrpcStatus) {
  Reply busy = WithBody("busy");
  busy.headers = {{":status", "503"}, {"content-type", "text/plain"}};
  Reply missing;
  missing.headers = {{":status", "404"}};
  missing.trailers.clear();
  missing.trailers_only = true;

  EXPECT_EQ(CallFor(busy).outcome.status, kUnavailable);
  EXPECT_EQ(CallFor(busy).message, "HTTP status 503");
  EXPECT_EQ(CallFor(missing).outcome.status, kUnimplemented);
}

TEST(RudeServer, AMissingStatusIsUnknown) {
  Reply no_trailers = WithBody(RudeServer::Framed("x"));
  no_trailers.trailers.clear();
  Reply other_trailers = WithBody(RudeServer::Framed("x"));
  other_trailers.trailers = {{"some", "thing"}};

  EXPECT_EQ(CallFor(no_trailers).outcome.status, kUnknown);
  EXPECT_EQ(CallFor(other_trailers).outcome.status, kUnknown);
}

TEST(RudeServer, ACompressedMessageNeedsAnEncoding) {
  std::string packed;
  Gzip("text", packed);
  const Reply reply = WithBody(RudeServer::Framed(packed, true));
  Reply strange = reply;
  strange.headers.emplace_back("grpc-encoding", "snappy");
  Reply broken = WithBody(RudeServer::Framed("no gzip", true));
  broken.headers.emplace_back("grpc-encoding", "gzip");

  EXPECT_EQ(CallFor(reply).outcome.status, kInternal);
  EXPECT_THAT(CallFor(reply).message, HasSubstr("without grpc-encoding"));
  EXPECT_EQ(CallFor(strange).outcome.status, kInternal);
  EXPECT_THAT(CallFor(strange).message, HasSubstr("\"snappy\""));
  EXPECT_EQ(CallFor(broken).outcome.status, kInternal);
}

TEST(RudeServer, MessagesOfAnotherLengthThanAnnouncedAreInternal) {
  std::string longer = RudeServer::Framed("12345");
  longer += "678";
  std::string shorter = RudeServer::Framed("12345");
  shorter.pop_back();

  EXPECT_EQ(CallFor(WithBody(longer)).outcome.status, kInternal);
  EXPECT_THAT(CallFor(WithBody(longer)).message, HasSubstr("in the middle"));
  EXPECT_EQ(CallFor(WithBody(shorter)).outcome.status, kInternal);
}

TEST(RudeServer, AMessageOfFourGigabytesIsRefusedWhenItIsAnnounced) {
  const Reply reply = WithBody(std::string("\0\xff\xff\xff\xff", 5));

  const Caller::Result result = CallFor(reply);

  EXPECT_EQ(result.outcome.status, kResourceExhausted);
  EXPECT_THAT(result.message, HasSubstr("4294967295 bytes"));
}

TEST(RudeServer, ABombIsRefusedBeforeItIsLarge) {
  std::string packed;
  Gzip(std::string(65 << 20, 'x'), packed);
  Reply reply = WithBody(RudeServer::Framed(packed, true));
  reply.headers.emplace_back("grpc-encoding", "gzip");

  EXPECT_EQ(CallFor(reply).outcome.status, kResourceExhausted);
}

TEST(RudeServer, AUnaryMethodAnswersWithOneMessage) {
  EXPECT_EQ(CallFor(RudeServer::Messages({})).outcome.status, kInternal);
  EXPECT_EQ(CallFor(RudeServer::Messages({"a", "b"})).outcome.status,
            kInternal);
  Request stream = Caller::Unary("x");
  stream.single_response = false;
  EXPECT_EQ(CallFor(RudeServer::Messages({}), stream).outcome.status, kOk);
}

TEST(RudeServer, AnEarlyAnswerEndsACallThatIsStillBeingSent) {
  RudeServer server({.window = 10, .answers_early = true}, [](const Seen&) {
    return RudeServer::Status(8, "enough");
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  for (int i = 0; i < 3; ++i) {
    const Caller::Result& result =
        caller.Call(Caller::Unary(std::string(100'000, 'x')));

    EXPECT_EQ(result.outcome.status, kResourceExhausted);
    EXPECT_EQ(result.message, "enough");
    EXPECT_LT(result.outcome.bytes_sent, 1000U);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(RudeServer, ACallThatThePeerDoesNotReadEndsAtItsDeadline) {
  RudeServer server({.window = 10}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request large = Caller::Unary(Filler(50'000'000));
  large.timeout = 20 * kMillisecond;

  EXPECT_EQ(caller.Call(large).outcome.status, kDeadlineExceeded);
  EXPECT_EQ(caller.Call(Caller::Unary("x")).outcome.status, kOk);
}

TEST(RudeServer, AConnectionClosedInTheMiddleIsUnavailable) {
  RudeServer server({}, [](const Seen& call) {
    Reply reply = RudeServer::EchoBack(call);
    reply.closes = call.number == 0;
    reply.hangs = call.number == 0;
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());

  const Caller::Result broken = caller.Call(Caller::Unary("x"));
  const Caller::Result next = caller.Call(Caller::Unary("x"));

  EXPECT_EQ(broken.outcome.status, kUnavailable);
  EXPECT_EQ(broken.message,
            server.address() + ": the peer closed the connection");
  EXPECT_EQ(next.outcome.status, kOk) << next.message;
  EXPECT_GT(next.outcome.stream_wait, 0);
  EXPECT_EQ(caller.TakeConnections().reconnects, 1U);
}

TEST(RudeServer, ATargetThatIsGoneIsUnavailableUntilItIsBack) {
  auto server = std::make_unique<RudeServer>(Manners{}, RudeServer::EchoBack);
  const std::uint16_t port = server->port();
  const std::string address = server->address();
  Caller caller({address});
  ASSERT_TRUE(caller.Connect().ok());
  EXPECT_EQ(caller.Call(Caller::Unary("x")).outcome.status, kOk);

  server.reset();
  for (int i = 0; i < 3; ++i) {
    const Caller::Result& gone = caller.Call(Caller::Unary("x"));
    EXPECT_EQ(gone.outcome.status, kUnavailable);
    EXPECT_THAT(gone.message, StartsWith(address + ": "));
  }
  server =
      std::make_unique<RudeServer>(Manners{.port = port}, RudeServer::EchoBack);
  caller.PollFor(kSecond);

  EXPECT_EQ(caller.Call(Caller::Unary("x")).outcome.status, kOk);
}

TEST(RudeServer, ConnectSaysWhichAddressCannotBeReachedAndWhy) {
  std::string address;
  {
    const RudeServer server({}, RudeServer::EchoBack);
    address = server.address();
  }
  Caller caller({address});

  const absl::Status status = caller.Connect();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(status.message()), address + ": Connection refused");
}

TEST(RudeServer, ConnectFailsWhereThePeerClosesAtOnce) {
  RudeServer server({.closes_at_once = true}, RudeServer::EchoBack);
  Caller caller({server.address()});

  EXPECT_EQ(caller.Connect().code(), absl::StatusCode::kUnavailable);
}

TEST(RudeServer, ConnectFailsWhereNoSettingsCome) {
  RudeServer server({.sends_settings = false}, RudeServer::EchoBack);
  Caller caller({server.address()});

  const absl::Status status = caller.Connect(50 * kMillisecond);

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no SETTINGS in time"));
}

TEST(RudeServer, ConnectEndsWhenItIsToldToStop) {
  RudeServer server({.sends_settings = false}, RudeServer::EchoBack);
  Caller caller({server.address()});
  std::stop_source stop;
  auto connected = std::async(std::launch::async, [&] {
    return caller.Connect(kNever, stop.get_token());
  });

  stop.request_stop();

  EXPECT_EQ(connected.get().code(), absl::StatusCode::kCancelled);
}

TEST(RudeServer, ConnectFailsWhereThePeerSpeaksSomethingElse) {
  RudeServer server({.greeting = "HTTP/1.1 400 Bad Request\r\n\r\n"},
                    RudeServer::EchoBack);
  Caller caller({server.address()});

  const absl::Status status = caller.Connect();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("SETTINGS"));
}

}  // namespace
}  // namespace perfrig::drivers
