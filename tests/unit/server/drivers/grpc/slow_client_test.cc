// Clients that read slowly, send at a pace, or stand behind a slow network.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/rude_server/rude_server.h"
#include "tests/unit/server/drivers/grpc/caller.h"

namespace perfrig::drivers {
namespace {

using ::testing::ElementsAre;

using Reply = RudeServer::Reply;
using Seen = RudeServer::Seen;

Request Stream(std::vector<std::string> messages) {
  Request request;
  request.path = "/test.Service/Stream";
  request.messages = std::move(messages);
  request.wants_messages = true;
  return request;
}

// Answers "/test.Service/Method" with what came, anything else with messages.
RudeServer::Handler Streams(std::vector<std::string> messages) {
  return [messages = std::move(messages)](const Seen& seen) {
    return seen.Header(":path") == "/test.Service/Method"
               ? RudeServer::EchoBack(seen)
               : RudeServer::Messages(messages);
  };
}

TEST(SlowReader, TakesItsTimeOverEachMessage) {
  RudeServer server({}, Streams({"a", "", "c", "d"}));
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"go"});
  request.read_delay = 30 * kMillisecond;

  const Caller::Result& result = caller.Call(std::move(request));

  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  EXPECT_THAT(result.messages, ElementsAre("a", "", "c", "d"));
  EXPECT_GE(result.outcome.done - result.outcome.sent, 120 * kMillisecond);
  EXPECT_LE(result.outcome.first - result.outcome.sent, 60 * kMillisecond);
  EXPECT_EQ(result.outcome.messages_received, 4U);
}

TEST(SlowReader, HoldsUpItsPeerAndNobodyElse) {
  const std::size_t size = 20'000;
  RudeServer server({}, Streams(std::vector<std::string>(100, Filler(size))));
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request slow = Stream({"go"});
  slow.read_delay = 60 * kSecond;

  caller.Start(1, std::move(slow));
  // More than the connection's window, were it not given back at once.
  for (Slot slot = 2; slot < 16; ++slot) {
    caller.Start(slot, Caller::Unary(Filler(5 << 20)));
    for (int i = 0; i < 2'000 && caller.open() > 1; ++i) {
      caller.PollFor(5 * kMillisecond);
    }
    EXPECT_EQ(caller.result(slot).outcome.status, kOk);
    EXPECT_EQ(caller.result(slot).messages.size(), 1U);
  }
  EXPECT_EQ(caller.open(), 1);
  caller.Cancel(1);
  ASSERT_TRUE(caller.Finish());

  EXPECT_EQ(caller.result(1).outcome.status, kCancelled);
  EXPECT_EQ(caller.result(1).messages.size(), 1U);
  // A usual client's window, and what it has read.
  EXPECT_LE(caller.result(1).outcome.bytes_received, 65'535U + size + 5);
}

TEST(SlowReader, LetsItsPeerGoOnAsItReads) {
  RudeServer server({}, Streams(std::vector<std::string>(12, Filler(20'000))));
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"go"});
  request.read_delay = 5 * kMillisecond;

  const Caller::Result& result = caller.Call(std::move(request));

  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  EXPECT_EQ(result.messages.size(), 12U);
}

TEST(SlowReader, IsBoundByItsDeadline) {
  RudeServer server({}, Streams({"a", "b", "c"}));
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"go"});
  request.read_delay = 10 * kSecond;
  request.timeout = 100 * kMillisecond;

  const Caller::Result& result = caller.Call(std::move(request));

  EXPECT_EQ(result.outcome.status, kDeadlineExceeded);
  EXPECT_EQ(result.messages.size(), 1U);
}

TEST(SlowReader, ReadsWhatCameBeforeTheConnectionWasClosed) {
  RudeServer server({}, [](const Seen&) {
    Reply reply = RudeServer::Messages({"a", "b", "c"});
    reply.closes = true;
    return reply;
  });
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"go"});
  request.read_delay = 20 * kMillisecond;

  const Caller::Result& result = caller.Call(std::move(request));

  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  EXPECT_EQ(result.messages.size(), 3U);
}

TEST(Pace, MessagesGoOutAtTheirTimes) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"a", "b", "c", "d"});
  request.message_interval = 25 * kMillisecond;

  const Caller::Result& result = caller.Call(std::move(request));

  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  EXPECT_THAT(result.messages, ElementsAre("a", "b", "c", "d"));
  EXPECT_GE(result.outcome.done - result.outcome.sent, 74 * kMillisecond);
  EXPECT_EQ(result.outcome.messages_sent, 4U);
}

TEST(Pace, ACallThatEndsEarlyLeavesNoMessageBehind) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"a", "b", "c"});
  request.message_interval = 30 * kMillisecond;
  request.timeout = 50 * kMillisecond;

  EXPECT_EQ(caller.Call(request).outcome.status, kDeadlineExceeded);
  request.timeout = kNever;
  request.message_interval = 0;
  EXPECT_EQ(caller.Call(request).outcome.status, kOk);
  caller.PollFor(50 * kMillisecond);
  EXPECT_EQ(server.calls(), 1U);
}

TEST(Pace, ASessionTalksWhenItIsToldToAndEndsWhenItIsToldTo) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()});
  ASSERT_TRUE(caller.Connect().ok());
  Request request = Stream({"a", "b"});
  request.session = true;

  caller.Start(0, std::move(request));
  caller.PollFor(30 * kMillisecond);
  EXPECT_EQ(server.calls(), 0U);
  caller.SendMessages(0, 20 * kMillisecond);
  caller.PollFor(60 * kMillisecond);
  EXPECT_EQ(caller.open(), 1);
  caller.HalfClose(0);
  ASSERT_TRUE(caller.Finish());

  EXPECT_EQ(caller.result(0).outcome.status, kOk);
  EXPECT_THAT(caller.result(0).messages, ElementsAre("a", "b"));
}

TEST(SlowNetwork, EachRoundTripTakesItsLatency) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()}, {},
                {.network = {.latency = 60 * kMillisecond}});
  ASSERT_TRUE(caller.Connect().ok());

  const Caller::Result& result = caller.Call(Caller::Unary("a"));

  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  EXPECT_GE(result.outcome.done - result.outcome.sent, 60 * kMillisecond);
  // The handshake's and that of the settings.
  EXPECT_GE(caller.TakeConnections().connect_times.at(0), 120 * kMillisecond);
}

TEST(SlowNetwork, BytesTakeTheirTimeBothWays) {
  RudeServer server({}, RudeServer::EchoBack);
  Caller caller({server.address()}, {}, {.network = {.bytes_per_second = 2e6}});
  ASSERT_TRUE(caller.Connect().ok());

  const Caller::Result& result = caller.Call(Caller::Unary(Filler(400'000)));

  EXPECT_EQ(result.outcome.status, kOk) << result.message;
  ASSERT_EQ(result.messages.size(), 1U);
  EXPECT_TRUE(result.messages[0] == Filler(400'000));
  // 200 ms each way, less the peer's buffers.
  EXPECT_GE(result.outcome.done - result.outcome.sent, 350 * kMillisecond);
}

TEST(SlowNetwork, TellsOfAPeerThatCloses) {
  RudeServer server({}, [](const Seen&) {
    Reply reply;
    reply.hangs = true;
    reply.closes = true;
    return reply;
  });
  Caller caller({server.address()}, {},
                {.network = {.latency = 20 * kMillisecond}});
  ASSERT_TRUE(caller.Connect().ok());

  EXPECT_EQ(caller.Call(Caller::Unary("a")).outcome.status, kUnavailable);
}

}  // namespace
}  // namespace perfrig::drivers
