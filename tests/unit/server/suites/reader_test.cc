// What a suite file becomes.
#include "server/suites/reader.h"

#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/suites/shipped.h"
#include "tests/unit/server/suites/suite_text.h"

namespace perfrig::suites {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;

// The file's suite equals the message; it has no problems.
void ExpectSuite(const ReadResult& read, const std::string& expected) {
  EXPECT_EQ(ToText(read.problems), "");
  ASSERT_TRUE(read.suite);
  std::string difference;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(FromText<v1::Suite>(expected), *read.suite))
      << difference;
}

v1::Test ReadTest(const std::string& text) {
  const ReadResult read = Read(text);
  EXPECT_EQ(ToText(read.problems), "");
  if (!read.suite || read.suite->tests().empty()) return {};
  return read.suite->tests(0);
}

TEST(ReaderTest, ReadsEveryPartOfASuite) {
  const ReadResult read = Read(R"(
suite: llm-config
title: Configuration
doc: |
  What it is for.
tags: [llm, quick]
target: [self, self]
defaults: { deadline: 5s, metadata: { x-team: a }, warmup: 1s, rounds: 3, time_limit: 2m }
tests:
  zeta:
    doc: First in the file.
    tags: quick
    call: perfrig.target.v1.Database/Query
    data: { table: users, key: "u-{{seq}}", limit: 5 }
    metadata: { x-id: "{{uuid}}" }
    deadline: 1.5s
    check: { status: [OK, NOT_FOUND] }
    observe: { rows: response.rows.size }
    load: { users: 2, iterations: 10 }
    warmup: 500ms
    rounds: 2
    time_limit: 1m30s
    grace: 2s
    min_samples: 7
    expect: [ latency.p95 < 100ms ]
  alpha:
    call: perfrig.target.v1.Echo/Call
    load: { rate: 30/m, duration: 10s }
)");

  ExpectSuite(read, R"pb(
    name: "suites/llm-config"
    title: "Configuration"
    doc: "What it is for.\n"
    tags: "llm"
    tags: "quick"
    targets: "self"
    targets: "self"
    defaults {
      deadline { seconds: 5 }
      metadata { name: "x-team" value: "a" }
      warmup { seconds: 1 }
      rounds: 3
      time_limit { seconds: 120 }
    }
    tests {
      name: "zeta"
      doc: "First in the file."
      tags: "quick"
      calls {
        method: "perfrig.target.v1.Database/Query"
        data: "{\"table\":\"users\",\"key\":\"u-{{seq}}\",\"limit\":5}"
        metadata { name: "x-id" value: "{{uuid}}" }
        deadline { seconds: 1 nanos: 500000000 }
        check { status: "OK" status: "NOT_FOUND" }
        observe { name: "rows" path: "response.rows.size" }
      }
      load { users: 2 iterations: 10 }
      warmup { nanos: 500000000 }
      rounds: 2
      time_limit { seconds: 90 }
      grace { seconds: 2 }
      min_samples: 7
      expect: "latency.p95 < 100ms"
    }
    tests {
      name: "alpha"
      calls { method: "perfrig.target.v1.Echo/Call" }
      load {
        rate: 0.5
        duration { seconds: 10 }
      }
    }
  )pb");
}

TEST(ReaderTest, ReadsStepsWithCapturedValues) {
  const v1::Test test = ReadTest(R"(
suite: s
tests:
  t:
    steps:
      - name: put
        call: perfrig.target.v1.Echo/Call
        data: { text: a }
        capture: { got: response.text }
      - { name: again, call: perfrig.target.v1.Echo/Call, data: { text: "{{got}}" } }
    load: { burst: 10 }
)");

  ASSERT_EQ(test.calls_size(), 2);
  EXPECT_EQ(test.calls(0).name(), "put");
  EXPECT_EQ(test.calls(0).capture(0).name(), "got");
  EXPECT_EQ(test.calls(1).name(), "again");
  EXPECT_THAT(test.calls(1).data(), ElementsAre(R"({"text":"{{got}}"})"));
  EXPECT_EQ(test.load().burst(), 10);
}

TEST(ReaderTest, ReadsAMixWithWeights) {
  const v1::Test test = ReadTest(R"(
suite: s
tests:
  t:
    mix:
      - { name: read, call: perfrig.target.v1.Echo/Call, weight: 9 }
      - { name: write, call: perfrig.target.v1.Echo/Call, data: { text: a } }
    load: { users: 1, duration: 1s }
    expect: write.latency.p95 < 1s
)");

  EXPECT_TRUE(test.mix());
  ASSERT_EQ(test.calls_size(), 2);
  EXPECT_EQ(test.calls(0).name(), "read");
  EXPECT_EQ(test.calls(0).weight(), 9);
  EXPECT_EQ(test.calls(1).weight(), 0);
}

TEST(ReaderTest, ReadsGoodAndAWarmUpThatEndsByItself) {
  const v1::Test test = ReadTest(R"(
suite: s
tests:
  t:
    call: perfrig.target.v1.Echo/Call
    load: { users: 1, duration: 1s }
    warmup: auto
    good: latency < 200ms
    expect: [goodput > 100/s, good.rate > 99%]
)");

  EXPECT_TRUE(test.warmup_auto());
  EXPECT_FALSE(test.has_warmup());
  EXPECT_EQ(test.good(), "latency < 200ms");
}

TEST(ReaderTest, ReadsGroupsInTheirOrder) {
  const v1::Test test = ReadTest(R"(
suite: s
tests:
  t:
    groups:
      slow:
        call: perfrig.target.v1.Echo/Call
        data: { text: a }
        load: { users: 5, duration: 5s }
      fast:
        steps:
          - { name: a, call: perfrig.target.v1.Echo/Call }
          - { name: b, call: perfrig.target.v1.Echo/Call }
        load: { rate: 20/s, duration: 5s }
    warmup: 1s
    expect: [fast.latency.p95 < 1s, fast.b.errors.rate < 1%, t.slow.dropped == 0]
)");

  EXPECT_TRUE(test.calls().empty());
  EXPECT_FALSE(test.has_load());
  ASSERT_EQ(test.groups_size(), 2);
  EXPECT_EQ(test.groups(0).name(), "slow");
  EXPECT_EQ(test.groups(0).load().users(), 5);
  ASSERT_EQ(test.groups(0).calls_size(), 1);
  EXPECT_THAT(test.groups(0).calls(0).data(), ElementsAre(R"({"text":"a"})"));
  EXPECT_EQ(test.groups(1).name(), "fast");
  EXPECT_EQ(test.groups(1).load().rate(), 20);
  ASSERT_EQ(test.groups(1).calls_size(), 2);
  EXPECT_EQ(test.groups(1).calls(1).name(), "b");
}

TEST(ReaderTest, KeepsKindsAndDigitsOfData) {
  const v1::Test test = ReadTest(R"(
suite: s
target: localhost:50051
tests:
  t:
    call: shop.Cart/Add
    data:
      - big: 9223372036854775807
        text: "42"
        id: 007
        yes_no: true
        nothing: null
        share: -1.5e3
        list: [1, a, [b], {c: 2}]
        multi: |
          two
          lines
        quote: 'say "hi" \ there'
      - {}
    load: { users: 1, duration: 1s }
)");

  ASSERT_EQ(test.calls_size(), 1);
  EXPECT_THAT(
      test.calls(0).data(),
      ElementsAre(R"({"big":9223372036854775807,"text":"42","id":"007",)"
                  R"("yes_no":true,"nothing":null,"share":-1.5e3,)"
                  R"("list":[1,"a",["b"],{"c":2}],)"
                  R"("multi":"two\u000alines\u000a",)"
                  R"("quote":"say \"hi\" \\ there"})",
                  "{}"));
}

TEST(ReaderTest, MakesConditionsOfExpectedValues) {
  const v1::Test test =
      ReadTest(WithTest("    check:\n"
                        "      response.text: say \"hi\"\n"
                        "      response.index: 3\n"
                        "      conditions: [call.latency < 200ms]\n"));

  EXPECT_THAT(
      test.calls(0).check().conditions(),
      ElementsAre("call.latency < 200ms", R"(response.text == "say \"hi\"")",
                  "response.index == 3"));
}

TEST(ReaderTest, MakesOneActionForEachTarget) {
  const v1::Test test = ReadTest(WithTest(R"(
    before:
      - behavior:
          database: { delay: 5s, capacity: 0, faults: [ { rate: 1%, status: ABORTED } ] }
          echo: { stall: { every: 6s, duration: 1s }, bytes_per_second: 10MB/s }
      - { call: perfrig.target.v1.Echo/Call, data: { text: warm } }
    after: { behavior: { echo: { delay: { lognormal: { median: 20ms, sigma: 0.5 } } } } }
)"));

  ASSERT_EQ(test.before_size(), 3);
  EXPECT_TRUE(MessageDifferencer::Equals(
      test.before(0).behavior(), FromText<v1::BehaviorChange>(R"pb(
        target: "targets/database"
        behavior {
          delay { fixed { seconds: 5 } }
          capacity: 0
          faults { rate: 0.01 status: "ABORTED" }
        }
        update_mask { paths: "delay" paths: "capacity" paths: "faults" }
      )pb")));
  EXPECT_TRUE(MessageDifferencer::Equals(
      test.before(1).behavior(), FromText<v1::BehaviorChange>(R"pb(
        target: "targets/echo"
        behavior {
          stall {
            every { seconds: 6 }
            duration { seconds: 1 }
          }
          bytes_per_second: 10000000
        }
        update_mask { paths: "stall" paths: "bytes_per_second" }
      )pb")));
  EXPECT_EQ(test.before(2).call().data(0), R"({"text":"warm"})");
  EXPECT_EQ(test.after(0).behavior().behavior().delay().lognormal().sigma(),
            0.5);
}

TEST(ReaderTest, ReadsEveryDistributionOfDelays) {
  const v1::Test test = ReadTest(WithTest(R"(
    before:
      - behavior: { echo: { delay: { fixed: 1ms } } }
      - behavior: { echo: { delay: { uniform: { min: 1ms, max: 2ms } } } }
      - behavior: { echo: { delay: { normal: { mean: 1ms, stddev: 2us } } } }
      - behavior: { echo: { delay: { exponential: 1ms } } }
      - behavior: { echo: { delay: { pareto: { scale: 1ms, alpha: 1.5 } } } }
      - behavior: { echo: { delay: { quantiles: { 0: 1ms, 50%: 2ms, 1: 1s } } } }
      - behavior: { echo: { delay: { mixture: [ { weight: 9, delay: 1ms }, { weight: 1, delay: { exponential: 1s } } ] } } }
)"));

  ASSERT_EQ(test.before_size(), 7);
  const auto delay = [&](int i) {
    return test.before(i).behavior().behavior().delay();
  };
  EXPECT_EQ(delay(1).uniform().max().nanos(), 2'000'000);
  EXPECT_EQ(delay(2).normal().stddev().nanos(), 2'000);
  EXPECT_EQ(delay(4).pareto().alpha(), 1.5);
  ASSERT_EQ(delay(5).quantiles().points_size(), 3);
  EXPECT_EQ(delay(5).quantiles().points(1).quantile(), 0.5);
  ASSERT_EQ(delay(6).mixture().parts_size(), 2);
  EXPECT_EQ(delay(6).mixture().parts(1).delay().exponential().seconds(), 1);
}

TEST(ReaderTest, ReadsStagesAndConnections) {
  const v1::Test test = ReadTest(WithLoad(
      "{stages: [{rate: 100/s, duration: 5s, ramp: true}, {rate: 0, duration: "
      "1s}], arrivals: gamma, burstiness: 2, max_in_flight: 9, seed: "
      "18446744073709551615, connections: 4}"));

  const v1::Load& load = test.load();
  EXPECT_EQ(load.stages(0).rate(), 100);
  EXPECT_TRUE(load.stages(0).ramp());
  EXPECT_EQ(load.stages(1).level_case(), v1::Stage::kRate);
  EXPECT_EQ(load.arrivals(), v1::GAMMA);
  EXPECT_EQ(load.seed(), 18446744073709551615U);
  EXPECT_EQ(load.connections(), 4);
  EXPECT_TRUE(ReadTest(WithLoad("{users: 3, duration: 1s, connections: "
                                "per_user, think: 10ms}"))
                  .load()
                  .connection_per_user());
}

TEST(ReaderTest, ReadsNetworks) {
  const auto network = [](const std::string& text) {
    return ReadTest(WithLoad("{burst: 1, network: " + text + "}"))
        .load()
        .network();
  };

  EXPECT_EQ(network("3g").latency().nanos(), 400'000'000);
  EXPECT_EQ(network("3g").bytes_per_second(), 200'000);
  EXPECT_EQ(network("4g").latency().nanos(), 50'000'000);
  EXPECT_EQ(network("4g").bytes_per_second(), 1'250'000);
  EXPECT_EQ(network("{latency: 1s, bandwidth: 2MB/s}").latency().seconds(), 1);
  EXPECT_EQ(network("{bandwidth: 2MB/s}").bytes_per_second(), 2'000'000);
  EXPECT_EQ(network("{bandwidth: 1.6Mbit/s}").bytes_per_second(), 200'000);
  EXPECT_EQ(network("{bandwidth: 800 kbit/s}").bytes_per_second(), 100'000);
  EXPECT_EQ(network("{bandwidth: 1Gbit/s}").bytes_per_second(), 125'000'000);
  EXPECT_EQ(network("{bandwidth: 64bit/s}").bytes_per_second(), 8);
}

TEST(ReaderTest, ReadsSessions) {
  const v1::Test test = ReadTest(
      "suite: s\n"
      "tests:\n"
      "  t:\n"
      "    call: perfrig.target.v1.Gateway/Session\n"
      "    load: {sessions: 1000, network: 4g}\n");

  EXPECT_EQ(test.load().sessions(), 1'000U);
}

TEST(ReaderTest, PutsVariablesInPlace) {
  const std::string text =
      "suite: s\n"
      "title: $${PLAIN} ${EMPTY:-x}${HOST}\n"
      "target: ${HOST:-self}\n"
      "tests:\n"
      "  t:\n"
      "    call: a.B/C\n"
      "    load: {users: \"${USERS}\", duration: 1s}\n";

  const ReadResult read =
      Read(text, {{"HOST", "h:80"}, {"USERS", "12"}, {"EMPTY", ""}});

  EXPECT_EQ(ToText(read.problems), "");
  EXPECT_EQ(read.suite->title(), "${PLAIN} xh:80");
  EXPECT_THAT(read.suite->targets(), ElementsAre("h:80"));
  EXPECT_EQ(read.suite->tests(0).load().users(), 12);
}

TEST(ReaderTest, ReadsTargetsAndNeedsOfSuiteAndTest) {
  const ReadResult read = Read(
      "suite: s\n"
      "target: [self, {spawn: 2}, \"h:80\"]\n"
      "needs: redis\n"
      "tests:\n"
      "  one:\n"
      "    target: {spawn: 3}\n"
      "    needs: [s3, baseline]\n"
      "    call: perfrig.target.v1.Echo/Call\n"
      "    load: {users: 1, duration: 1s}\n"
      "  two:\n"
      "    target: spawn\n"
      "    call: perfrig.target.v1.Echo/Call\n"
      "    load: {users: 1, duration: 1s}\n");

  EXPECT_EQ(ToText(read.problems), "");
  EXPECT_THAT(read.suite->targets(),
              ElementsAre("self", "spawn", "spawn", "h:80"));
  EXPECT_THAT(read.suite->needs(), ElementsAre("redis"));
  EXPECT_THAT(read.suite->tests(0).targets(),
              ElementsAre("spawn", "spawn", "spawn"));
  EXPECT_THAT(read.suite->tests(0).needs(), ElementsAre("s3", "baseline"));
  EXPECT_THAT(read.suite->tests(1).targets(), ElementsAre("spawn"));
}

TEST(ReaderTest, ThresholdsMaySpeakOfResources) {
  EXPECT_EQ(
      ProblemsOf(WithTest("    target: spawn\n"
                          "    expect:\n"
                          "      - resources.memory.max < 1GB\n"
                          "      - resources.memory_more.p95 < 100MB\n"
                          "      - resources.memory_growth < 5MiB\n"
                          "      - resources.cpu.p99.9 < 2\n"
                          "      - resources.disk_written.sum == 0\n"
                          "      - resources.disk_read.per_second < 1MB/s\n"
                          "      - t.resources.files.max < 100\n")),
      "");
}

TEST(ReaderTest, MethodsOfATargetThatATestNamesAreNotChecked) {
  const std::string test =
      "    call: pkg.Foreign/Call\n"
      "    load: {users: 1, duration: 1s}\n";

  EXPECT_EQ(ProblemsOf("suite: s\ntests:\n  t:\n    target: \"h:80\"\n" + test),
            "");
  EXPECT_NE(ProblemsOf("suite: s\ntarget: \"h:80\"\ntests:\n  t:\n"
                       "    target: spawn\n" +
                       test),
            "");
}

TEST(ReaderTest, FollowsAnchors) {
  const ReadResult read = Read(
      "suite: s\n"
      "tests:\n"
      "  a: &a\n"
      "    call: perfrig.target.v1.Echo/Call\n"
      "    load: {users: 1, duration: 1s}\n"
      "  b: *a\n");

  EXPECT_EQ(ToText(read.problems), "");
  EXPECT_EQ(read.suite->tests(1).name(), "b");
  EXPECT_EQ(read.suite->tests(1).load().users(), 1);
}

TEST(ReaderTest, AcceptsAByteOrderMarkAndWindowsLineEnds) {
  EXPECT_EQ(ProblemsOf("\xEF\xBB\xBFsuite: s\r\ntests:\r\n  t:\r\n    call: "
                       "perfrig.target.v1.Echo/Call\r\n    load: {users: 1, "
                       "duration: 1s}\r\n"),
            "");
}

TEST(ShippedTest, EverySuiteReadsWithoutProblems) {
  EXPECT_FALSE(ShippedSuites().empty());
  for (const ShippedSuite& shipped : ShippedSuites()) {
    v1::SuiteSource source;
    source.set_file_name(std::string(shipped.file));
    source.set_text(std::string(shipped.text));
    const ReadResult read = ReadSuite(source);
    EXPECT_EQ(ToText(read.problems), "");
    ASSERT_TRUE(read.suite);
    for (const v1::Test& test : read.suite->tests()) {
      EXPECT_NE(test.doc(), "") << shipped.file << " " << test.name();
    }
  }
}

}  // namespace
}  // namespace perfrig::suites
