// How a call is made, as files say it.
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/server/suites/suite_text.h"

namespace perfrig::suites {
namespace {

// The one call of WithTest with these lines.
v1::Call CallOf(const std::string& lines) {
  const ReadResult read = Read(WithTest(lines));
  EXPECT_EQ(ToText(read.problems), "");
  return read.suite ? read.suite->tests(0).calls(0) : v1::Call();
}

struct Wrong {
  // In line 6.
  std::string line;
  // Without the file.
  std::string problem;
};

class CallOptionsTest : public testing::TestWithParam<Wrong> {};

TEST_P(CallOptionsTest, TellsFieldRuleAndValue) {
  EXPECT_EQ(ProblemsOf(WithTest("    " + GetParam().line + "\n")),
            "s.yaml:6:" + GetParam().problem);
}

TEST(CallOptionsTest, ReadsRetriesAndCompression) {
  const v1::Call call = CallOf(
      "    retry: {attempts: 4, backoff: 50ms, factor: 1.5, longest: 2s, "
      "jitter: 10%, status: [UNAVAILABLE, ABORTED]}\n"
      "    compression: gzip\n");

  EXPECT_EQ(call.retry().attempts(), 4U);
  EXPECT_EQ(call.retry().backoff().nanos(), 50'000'000);
  EXPECT_EQ(call.retry().factor(), 1.5);
  EXPECT_EQ(call.retry().longest().seconds(), 2);
  EXPECT_EQ(call.retry().jitter(), 0.1);
  EXPECT_EQ(call.retry().status_size(), 2);
  EXPECT_EQ(call.compression(), v1::GZIP);
  EXPECT_EQ(
      CallOf("    retry: {attempts: 2, status: ABORTED}\n").retry().status(0),
      "ABORTED");
}

TEST(CallOptionsTest, ReadsHowMessagesAreSentAndRead) {
  const ReadResult read = Read(
      "suite: s\n"
      "tests:\n"
      "  t:\n"
      "    call: perfrig.target.v1.Ingest/Upload\n"
      "    data: [{header: {name: a}}, {chunk: \"{{bytes 1MB}}\"}]\n"
      "    messages: {count: 3, every: 20ms, chunk: 64KiB}\n"
      "    read_delay: 1.5s\n"
      "    load: {burst: 1}\n");

  ASSERT_EQ(ToText(read.problems), "");
  const v1::Call& call = read.suite->tests(0).calls(0);
  EXPECT_EQ(call.messages().count(), 3U);
  EXPECT_EQ(call.messages().every().nanos(), 20'000'000);
  EXPECT_EQ(call.messages().chunk_bytes(), 65'536U);
  EXPECT_EQ(call.read_delay().seconds(), 1);
}

// As WithTest, of a method that takes a stream of messages.
std::string OfStream(const std::string& method, const std::string& line) {
  return "suite: s\n"
         "tests:\n"
         "  t:\n"
         "    call: perfrig.target.v1." +
         method + "\n    load: {burst: 1}\n    " + line + "\n";
}

TEST(CallOptionsTest, RefusesMessagesThatCannotBeSentSo) {
  EXPECT_EQ(ProblemsOf(OfStream("Echo/Call", "messages: {count: 2}")),
            "s.yaml:6:15: tests.t.messages must not be set: "
            "perfrig.target.v1.Echo/Call takes one message");
  EXPECT_EQ(ProblemsOf(OfStream("Gateway/Session", "messages: {chunk: 1KB}")),
            "s.yaml:6:23: tests.t.messages.chunk must not be set: "
            "perfrig.target.v1.SendMessageRequest has no single field of "
            "bytes");
  EXPECT_EQ(ProblemsOf(OfStream("Ingest/Upload", "messages: {count: 0}")),
            "s.yaml:6:23: tests.t.messages.count must be a whole number, 1 to "
            "1,000,000, got 0");
  EXPECT_EQ(ProblemsOf(OfStream("Ingest/Upload", "messages: {chunk: 1GB}")),
            "s.yaml:6:23: tests.t.messages.chunk must be 1 byte to 64MiB");
  EXPECT_EQ(ProblemsOf(OfStream("Ingest/Upload", "messages: {every: 2h}")),
            "s.yaml:6:23: tests.t.messages.every must be 0 to 1h, got 2h");
  EXPECT_EQ(ProblemsOf(OfStream("Ingest/Upload", "read_delay: 2h")),
            "s.yaml:6:17: tests.t.read_delay must be 0 to 1h, got 2h");
}

INSTANTIATE_TEST_SUITE_P(
    Retry, CallOptionsTest,
    testing::Values(
        Wrong{"retry: {backoff: 1s}",
              "12: tests.t.retry needs attempts, such as attempts: 3"},
        Wrong{"retry: {attempts: 1}",
              "23: tests.t.retry.attempts must be a whole number, 2 to 100, "
              "got 1"},
        Wrong{"retry: {attempts: 3, backof: 1s}",
              "26: tests.t.retry.backof unknown key (did you mean backoff?)"},
        Wrong{"retry: {attempts: 3, backoff: 0s}",
              "35: tests.t.retry.backoff must be > 0 and <= 1h, got 0"},
        Wrong{"retry: {attempts: 3, longest: 2h}",
              "35: tests.t.retry.longest must be > 0 and <= 1h, got 2h"},
        Wrong{"retry: {attempts: 3, factor: 0}",
              "34: tests.t.retry.factor must be 1 to 100, got 0"},
        Wrong{"retry: {attempts: 3, factor: 0.5}",
              "34: tests.t.retry.factor must be 1 to 100, got 0.5"},
        Wrong{"retry: {attempts: 3, jitter: 120%}",
              "34: tests.t.retry.jitter must be 0 to 1, got 1.2"},
        Wrong{"retry: {attempts: 3, status: [UNAVAILABLE, ABORTD]}",
              "48: tests.t.retry.status[1] unknown status \"ABORTD\" (did you "
              "mean ABORTED?)"},
        Wrong{"retry: {attempts: 3, status: OK}",
              "34: tests.t.retry.status[0] must be no OK: such a call has "
              "succeeded"},
        Wrong{"before: {call: perfrig.target.v1.Echo/Call, retry: {attempts: "
              "3}}",
              "56: tests.t.before[0].retry must not be set: such a call is "
              "made once"}));

INSTANTIATE_TEST_SUITE_P(
    Compression, CallOptionsTest,
    testing::Values(Wrong{"compression: gzp",
                          "18: tests.t.compression must be gzip, got \"gzp\" "
                          "(did you mean gzip?)"}));

TEST(CallOptionsTest, RefusesForLocalCallsWhatANetworkDoes) {
  EXPECT_EQ(ProblemsOf("suite: s\n"
                       "tests:\n"
                       "  t:\n"
                       "    call: local:noop\n"
                       "    load: {burst: 1}\n"
                       "    compression: gzip\n"),
            "s.yaml:6:18: tests.t.compression must not be set: a local call "
            "goes over no network");
}

}  // namespace
}  // namespace perfrig::suites
