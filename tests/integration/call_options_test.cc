// Calls made in all the ways that a suite can ask for, against the daemon's own
// targets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

class CallOptionsTest : public DaemonTest {
 protected:
  // The figures of a run of one test with these lines, which must PASS.
  v1::Figures Figures(const std::string& lines) {
    const v1::Run run = Run(lines);
    EXPECT_EQ(run.verdict(), v1::PASS) << run.ShortDebugString();
    if (run.suites().empty() || run.suites(0).tests().empty()) return {};
    return run.suites(0).tests(0).figures();
  }

  v1::Run Run(const std::string& lines) {
    if (daemon_ == nullptr) Start();
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_file_name("s.yaml");
    source.set_text("suite: s\ntests:\n  t:\n" + lines);
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    const auto finished = WaitFor(started->name());
    EXPECT_TRUE(finished.ok()) << finished.status();
    return finished.ok() ? *finished : v1::Run();
  }
};

TEST_F(CallOptionsTest, RetriesHideFaultsThatPass) {
  const std::string faults =
      "    before: {behavior: {echo: {faults: [{rate: 50%, status: "
      "UNAVAILABLE}]}}}\n"
      "    call: perfrig.target.v1.Echo/Call\n"
      "    load: {users: 4, iterations: 100}\n";

  const v1::Figures figures = Figures(
      faults +
      "    retry: {attempts: 30, backoff: 1ms, longest: 5ms}\n"
      "    expect: [errors.rate == 0, retries > 10, backoff.avg < 1s]\n");
  const v1::Run without = Run(faults);

  EXPECT_EQ(figures.planned(), 100U);
  EXPECT_EQ(figures.sent(), 100U);
  EXPECT_EQ(figures.backoff().count(), figures.retries());
  EXPECT_EQ(figures.messages_sent(), 100U + figures.retries());
  EXPECT_EQ(without.verdict(), v1::FAIL);
}

TEST_F(CallOptionsTest, MessagesGoOutCompressed) {
  const v1::Figures figures = Figures(
      "    call: perfrig.target.v1.Echo/Call\n"
      "    data: {text: \"" +
      std::string(10'000, 'a') +
      "\"}\n"
      "    compression: gzip\n"
      "    check: {response.index: 0}\n"
      "    load: {users: 1, iterations: 5}\n");

  EXPECT_LT(figures.bytes_sent(), 5'000U);
}

TEST_F(CallOptionsTest, StreamsAreSentInChunksAtAPace) {
  const v1::Figures figures = Figures(
      "    call: perfrig.target.v1.Echo/Collect\n"
      "    data: {payload: \"{{bytes 4000}}\"}\n"
      "    messages: {count: 3, every: 10ms, chunk: 1KB}\n"
      "    check: {response.index: 12}\n"
      "    load: {users: 2, iterations: 4}\n"
      "    expect: latency.min >= 110ms\n");

  EXPECT_EQ(figures.messages_sent(), 48U);
}

TEST_F(CallOptionsTest, SlowReadersTakeTheirTime) {
  Figures(
      "    call: perfrig.target.v1.Echo/Expand\n"
      "    data: {text: a, repeat: 5}\n"
      "    read_delay: 20ms\n"
      "    load: {users: 2, iterations: 4}\n"
      "    expect: [latency.min >= 100ms, messages.received == 20]\n");
}

TEST_F(CallOptionsTest, GroupsHaveClientsAndNetworksOfTheirOwn) {
  Figures(
      "    groups:\n"
      "      slow:\n"
      "        call: perfrig.target.v1.Echo/Expand\n"
      "        data: {text: a, repeat: 3}\n"
      "        read_delay: 50ms\n"
      "        load: {users: 2, iterations: 4}\n"
      "      far:\n"
      "        call: perfrig.target.v1.Echo/Call\n"
      "        load: {users: 2, iterations: 4, network: {latency: 60ms}}\n"
      "      talking:\n"
      "        call: perfrig.target.v1.Gateway/Session\n"
      "        data: {tenant: t, user: \"u-{{seq}}\", text: hello}\n"
      "        load: {sessions: 5}\n"
      "      near:\n"
      "        call: perfrig.target.v1.Echo/Call\n"
      "        load: {users: 2, iterations: 40}\n"
      "    expect:\n"
      "      - slow.latency.min >= 150ms\n"
      "      - far.latency.min >= 60ms\n"
      "      - near.latency.min < 50ms\n"
      "      - talking.message_latency.count == 5\n");
}

TEST_F(CallOptionsTest, ASlowNetworkTakesItsRoundTrips) {
  Figures(
      "    call: perfrig.target.v1.Echo/Call\n"
      "    data: {payload: \"{{bytes 100KB}}\"}\n"
      "    load: {users: 2, iterations: 4, network: {latency: 40ms, "
      "bandwidth: 16Mbit/s}}\n"
      "    expect: [latency.min >= 80ms, connect.min >= 80ms]\n");
}

TEST_F(CallOptionsTest, SessionsTalkOnceAllAreOpen) {
  const v1::Figures figures = Figures(
      "    call: perfrig.target.v1.Gateway/Session\n"
      "    data: {tenant: t, user: \"u-{{seq}}\", text: hello}\n"
      "    messages: {count: 2, every: 500ms}\n"
      "    load: {sessions: 50}\n"
      "    expect: [message_latency.min >= 120ms, message_latency.p50 < 5s]\n");

  EXPECT_EQ(figures.planned(), 50U);
  EXPECT_EQ(figures.message_latency().count(), 100U);
  // With "opened" and "closed".
  EXPECT_EQ(figures.messages_received(), 200U);
}

}  // namespace
}  // namespace perfrig
