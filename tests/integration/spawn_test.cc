// Tests of `target: spawn`: real processes, which this daemon starts.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "server/spawned_targets.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SpawnTest : public DaemonTest {
 protected:
  static Config Spawning() {
    Config config = FreePorts();
    // This process is a test, not the daemon.
    config.program = PERFRIGD;
    return config;
  }

  // A suite of one test that calls Echo; `lines` are the test's.
  static v1::StartRunRequest Request(const std::string& lines) {
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_text(
        "suite: spawned\n"
        "tests:\n"
        "  ping:\n"
        "    call: perfrig.target.v1.Echo/Call\n" +
        lines);
    return request;
  }

  v1::Run Ran(const v1::StartRunRequest& request) {
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    const auto run = WaitFor(started->name());
    EXPECT_TRUE(run.ok()) << run.status();
    return run.value_or(v1::Run());
  }

  std::uint64_t CallsOfOurOwnEcho() {
    v1::GetTargetRequest request;
    request.set_name("targets/echo");
    return Call(*targets_, &v1::Targets::Stub::GetTarget, request)
        ->statistics()
        .started();
  }
};

TEST_F(SpawnTest, CallsGoToFreshProcessesAndNotToTheDaemon) {
  Start(Spawning());

  const v1::Run run =
      Ran(Request("    target: {spawn: 2}\n"
                  "    load: {users: 4, iterations: 40, connections: 4}\n"));

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  const v1::TestResult& test = run.suites(0).tests(0);
  EXPECT_EQ(test.figures().ok(), 40);
  EXPECT_EQ(CallsOfOurOwnEcho(), 0);
}

TEST_F(SpawnTest, ChangesOfBehaviorGoToEachOfThem) {
  Start(Spawning());

  const v1::Run run =
      Ran(Request("    target: {spawn: 2}\n"
                  "    before: { behavior: { echo: { delay: 30ms } } }\n"
                  "    load: {users: 4, iterations: 12, connections: 4}\n"
                  "    expect: latency.min > 29ms\n"));

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  EXPECT_GT(run.suites(0).tests(0).rig().mock_lateness().count(), 0);
}

TEST_F(SpawnTest, TheyBehaveAsTheDaemonIsConfigured) {
  const std::string file = ::testing::TempDir() + "spawn_test_behavior.yaml";
  std::ofstream(file) << "echo: {delay: 30ms}\n";
  Config config = Spawning();
  config.behavior = file;
  Start(std::move(config));

  const v1::Run run =
      Ran(Request("    target: spawn\n"
                  "    load: {users: 1, iterations: 3}\n"
                  "    expect: latency.min > 29ms\n"));

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  std::filesystem::remove(file);
}

TEST_F(SpawnTest, WhatTheyUseIsMeasured) {
  Start(Spawning());

  const v1::Run run =
      Ran(Request("    target: {spawn: 2}\n"
                  "    rounds: 2\n"
                  "    load: {users: 4, duration: 1s}\n"
                  "    expect:\n"
                  "      - resources.memory.min > 4MB\n"
                  "      - resources.memory_more.max < 1GB\n"
                  "      - resources.memory_growth < 1GB\n"
                  "      - resources.cpu.max > 0\n"
                  "      - resources.files.min > 10\n"
                  "      - resources.threads.min > 4\n"));

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
}

TEST_F(SpawnTest, ATestOfTheDaemonItselfMeasuresTheDaemon) {
  Start(Spawning());

  const v1::Run run =
      Ran(Request("    load: {users: 1, duration: 1s}\n"
                  "    expect: resources.memory.max < 1MB\n"));

  EXPECT_EQ(run.verdict(), v1::FAIL) << run.reason();
  const auto& observed = run.suites(0).tests(0).figures().observed();
  EXPECT_GT(observed.at("resources.memory").min(), 1e6);
  EXPECT_GE(observed.at("resources.memory").count(), 5);
}

TEST_F(SpawnTest, ATestThatNamesNoResourcesMeasuresNone) {
  Start(Spawning());

  const v1::Run run = Ran(Request("    load: {users: 1, iterations: 3}\n"));

  EXPECT_TRUE(run.suites(0).tests(0).figures().observed().empty());
}

TEST_F(SpawnTest, AProfileHasStacksOfTheirs) {
  Start(Spawning());

  const v1::Run run =
      Ran(Request("    target: spawn\n"
                  "    profile: cpu\n"
                  "    load: {users: 8, duration: 2s}\n"));

  EXPECT_EQ(run.verdict(), v1::PASS) << run.reason();
  // Threads of a process that has no name but the program's.
  EXPECT_THAT(run.suites(0).tests(0).cpu_profile(),
              Contains(HasSubstr("grpc")));
}

TEST_F(SpawnTest, ARunCanAskForThem) {
  Start(Spawning());
  v1::StartRunRequest request = ShortRun();
  request.add_targets("spawn");

  EXPECT_EQ(Ran(request).verdict(), v1::PASS);

  EXPECT_EQ(CallsOfOurOwnEcho(), 0);
}

TEST_F(SpawnTest, ACancelledRunEndsThem) {
  Start(Spawning());
  v1::StartRunRequest request = LongRun();
  request.add_targets("spawn");
  const auto started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();

  ASSERT_TRUE(CancelRun(started->name()).ok());

  EXPECT_EQ(WaitFor(started->name())->verdict(), v1::CANCELLED);
}

TEST_F(SpawnTest, TheOperatorMayForbidThem) {
  Config config = Spawning();
  config.allow_target = {"self", "loopback"};
  Start(std::move(config));

  const auto started =
      StartRun(Request("    target: spawn\n"
                       "    load: {users: 1, iterations: 3}\n"));

  EXPECT_TRUE(absl::IsPermissionDenied(started.status()));
  EXPECT_THAT(std::string(started.status().message()),
              HasSubstr("--allow-target=spawn"));
}

TEST_F(SpawnTest, TheyNeedNoOtherPermission) {
  Config config = Spawning();
  config.allow_target = {"spawn"};
  Start(std::move(config));

  EXPECT_EQ(Ran(Request("    target: spawn\n"
                        "    load: {users: 1, iterations: 3}\n"))
                .verdict(),
            v1::PASS);
}

TEST_F(SpawnTest, ATestWhoseProcessDoesNotStartIsAnError) {
  Config config = Spawning();
  config.program = "/bin/false";
  Start(std::move(config));

  const v1::Run run =
      Ran(Request("    target: spawn\n"
                  "    load: {users: 1, iterations: 3}\n"));

  EXPECT_EQ(run.verdict(), v1::ERROR);
  EXPECT_THAT(run.reason(), HasSubstr("a spawned process ended as it started"));
}

TEST(EnvironmentOfSpawnedTest, HandsOnWhatTheTargetsNeedAndNoOtherOption) {
  Config config;
  config.redis = "10.0.0.1:6379";
  config.allow_call_overrides = true;

  const auto entries =
      EnvironmentOfSpawned(config, {{"PATH", "/bin"},
                                    {"PERFRIG_CONFIG", "/etc/perfrigd.yaml"},
                                    {"PERFRIG_CONTROL_ADDRESS", "0.0.0.0:7070"},
                                    {"PERFRIG_S3", "http://k:s@host/bucket"},
                                    {"PERFRIG_WORD", "of a behavior file"}});

  EXPECT_THAT(
      entries,
      AllOf(Contains("PATH=/bin"), Contains("PERFRIG_REDIS=10.0.0.1:6379"),
            Contains("PERFRIG_ALLOW_CALL_OVERRIDES=true"),
            Contains("PERFRIG_WORD=of a behavior file"),
            Not(Contains(StartsWith("PERFRIG_CONFIG="))),
            Not(Contains(StartsWith("PERFRIG_CONTROL_ADDRESS="))),
            Not(Contains(StartsWith("PERFRIG_S3=")))));
}

}  // namespace
}  // namespace perfrig
