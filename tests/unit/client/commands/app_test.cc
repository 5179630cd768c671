#include "client/commands/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/unit/client/commands/command_line.h"
#include "tests/unit/client/commands/fake_daemon.h"
#include "tests/unit/client/views/sample_run.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// Nothing listens on port 1 of the loopback interface.
constexpr char kNobody[] = "127.0.0.1:1";

// A file of this test's own, gone at its end.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& text)
      : path_(::testing::TempDir() + "app_test_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".yaml") {
    std::ofstream(path_) << text;
  }
  ~ScratchFile() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(AppTest, ExitsWith2OnWrongUsage) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {},
           {"walk"},
           {"run"},
           {"run", "x", "--rate", "fast"},
           {"run", "x", "--rate", "1/s", "--users", "1"},
           {"run", "x", "--users", "0"},
           {"run", "x", "--duration", "0s"},
           {"run", "x", "--set", "novalue"},
           {"run", "x", "--local", "--detach"},
           {"run", "x", "--shuffle=0"},
           {"run", "x", "--shuffle=soon"},
           {"run", "no-such-file.yaml"},
           {"list", "--output", "xml"},
           {"call", "host:1"},
           {"call", "host:1", "a.B/C", "--deadline", "soon"},
           {"target", "set", "database"},
           {"target", "set", "database", "--delay", "20"},
           {"target", "set", "--delay", "20ms"},
           {"target", "set", "--file", "no-such-file.yaml"},
           {"target", "set", "x", "--file", "x.yaml", "--capacity", "1"},
           {"completion", "fish"}}) {
    CommandLine perfrig;
    EXPECT_EQ(perfrig.Run(arguments), 2) << ::testing::PrintToString(arguments);
    EXPECT_NE(perfrig.err(), "") << ::testing::PrintToString(arguments);
  }
}

TEST(AppTest, NamesTheFlagThatIsWrong) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"run", "x", "--set", "X"},
           {"run", "x", "--label", "X"},
           {"check", "x.yaml", "--set", "X"},
           {"call", "host:1", "a.B/C", "--warmup", "X"},
           {"target", "set", "database", "--set", "X"}}) {
    CommandLine perfrig;
    EXPECT_EQ(perfrig.Run(arguments), 2);
    EXPECT_THAT(perfrig.err(),
                StartsWith(arguments[arguments.size() - 2] + " must be "));
  }
}

TEST(AppTest, NamesTheNearestOfAnUnknownCommand) {
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"wacth"}), 2);

  EXPECT_NE(perfrig.err().find("no command \"wacth\""), std::string::npos);
  EXPECT_NE(perfrig.err().find("did you mean watch?"), std::string::npos);
}

TEST(AppTest, SaysHowToStartADaemonThatIsNotThere) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"status"},
                                             {"list"},
                                             {"runs"},
                                             {"run", "quickstart"},
                                             {"watch", "1"},
                                             {"target", "list"},
                                             {"target", "watch", "echo"}}) {
    CommandLine perfrig;
    std::vector<std::string> words = arguments;
    words.insert(words.end(), {"--address", kNobody});
    EXPECT_EQ(perfrig.Run(words), 3) << arguments[0];
    EXPECT_THAT(perfrig.err(),
                AllOf(StartsWith("No daemon answers at 127.0.0.1:1. Start one "
                                 "with `perfrigd`"),
                      Not(HasSubstr("connect to"))));
  }
}

TEST(AppTest, RefusesAnAddressWithoutAPort) {
  CommandLine flag;
  CommandLine environment;
  CommandLine called;
  CommandLine aimed;
  const ScratchFile suite("suite: s\n");

  EXPECT_EQ(flag.Run({"status", "--address", "localhost"}), 2);
  setenv("PERFRIG_ADDRESS", "localhost", 1);
  EXPECT_EQ(environment.Run({"status"}), 2);
  unsetenv("PERFRIG_ADDRESS");
  EXPECT_EQ(called.Run({"call", "shop", "a.B/C"}), 2);
  EXPECT_EQ(aimed.Run({"run", suite.path(), "--target", "shop"}), 2);

  EXPECT_EQ(flag.err(),
            "--address (or PERFRIG_ADDRESS) must be host:port, "
            "dns:///name:port or unix:/path, got \"localhost\"\n");
  EXPECT_EQ(environment.err(), flag.err());
  EXPECT_EQ(called.err(),
            "target must be self, spawn, host:port, dns:///name:port or "
            "unix:/path, got \"shop\"\n");
  EXPECT_EQ(aimed.err(), "--" + called.err());
}

TEST(AppTest, TakesTheAddressFromTheEnvironment) {
  FakeDaemon daemon;
  v1::ListSuitesResponse suites;
  suites.add_suites()->set_name("suites/quickstart");
  daemon.SetSuites(suites);
  setenv("PERFRIG_ADDRESS", daemon.address().c_str(), 1);
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"list", "--names"}), 0);

  unsetenv("PERFRIG_ADDRESS");
  EXPECT_EQ(perfrig.out(), "quickstart\n");
}

TEST(AppTest, FailsAListThatMatchesNothing) {
  FakeDaemon daemon;
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"list", "x*", "--address", daemon.address()}), 1);

  EXPECT_THAT(perfrig.err(), HasSubstr("\"x*\""));
}

// Suite "a" with tests "x1" (tag quick) and "y", suite "b" with test "x2".
v1::ListSuitesResponse TwoSuites() {
  v1::ListSuitesResponse list;
  for (const auto& [suite, tests] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"a", {"x1", "y"}}, {"b", {"x2"}}}) {
    v1::Suite& added = *list.add_suites();
    added.set_name("suites/" + suite);
    for (const std::string& test : tests) added.add_tests()->set_name(test);
  }
  list.mutable_suites(0)->mutable_tests(0)->add_tags("quick");
  return list;
}

TEST(AppTest, ListsTestsByTheirNamesAndTags) {
  FakeDaemon daemon;
  daemon.SetSuites(TwoSuites());
  for (const auto& [arguments, names] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{}, "a\nb\n"},
           {{"--tests"}, "a/x1\na/y\nb/x2\n"},
           {{"--tests", "x*"}, "a/x1\nb/x2\n"},
           {{"--tests", "b"}, "b/x2\n"},
           {{"*/x*"}, "a/x1\nb/x2\n"},
           {{"suites/*/y"}, "a/y\n"},
           {{"--tag", "quick"}, "a\n"},
           {{"--tests", "--tag", "!quick"}, "a/y\nb/x2\n"}}) {
    CommandLine perfrig;
    std::vector<std::string> words = {"list", "--names", "--address",
                                      daemon.address()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(perfrig.Run(words), 0);
    EXPECT_EQ(perfrig.out(), names) << ::testing::PrintToString(arguments);
  }
}

TEST(AppTest, PlansARunWithoutStartingIt) {
  FakeDaemon daemon;
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"run", "a", "--dry-run", "--shuffle=7", "--address",
                         daemon.address()}),
            0);

  EXPECT_THAT(perfrig.out(), HasSubstr("Nothing was run."));
  EXPECT_THAT(perfrig.err(), HasSubstr("--shuffle=7"));
  EXPECT_THAT(daemon.started(), IsEmpty());
  ASSERT_THAT(daemon.planned(), SizeIs(1));
  EXPECT_EQ(daemon.planned()[0].shuffle_seed(), 7U);
}

TEST(AppTest, DrawsASeedWhereNoneIsGiven) {
  FakeDaemon daemon;
  CommandLine perfrig;

  // What follows the flag is no seed.
  EXPECT_EQ(perfrig.Run({"run", "--shuffle", "a", "--dry-run", "--address",
                         daemon.address()}),
            0);

  ASSERT_THAT(daemon.planned(), SizeIs(1));
  const std::uint64_t seed = daemon.planned()[0].shuffle_seed();
  EXPECT_NE(seed, 0U);
  EXPECT_THAT(perfrig.err(), HasSubstr("--shuffle=" + std::to_string(seed)));
}

TEST(AppTest, ReportsAFinishedRunAgain) {
  FakeDaemon daemon;
  daemon.SetRun(FinishedRun());
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"result", "1", "--address", daemon.address()}), 99);

  EXPECT_THAT(perfrig.out(), HasSubstr("FAIL  runs/20260301-1"));
  EXPECT_THAT(perfrig.out(), Not(HasSubstr("again:")));
}

TEST(AppTest, WritesProfilesOfARunForFlameGraphs) {
  FakeDaemon daemon;
  v1::Run run = FinishedRun();
  daemon.SetRun(run);
  const std::string path = ::testing::TempDir() + "app_test_folded";
  const std::vector<std::string> arguments = {
      "result", "1", "--folded", path, "--address", daemon.address()};
  CommandLine without;
  EXPECT_EQ(without.Run(arguments), 1);
  EXPECT_THAT(without.err(), HasSubstr("has no profile"));

  v1::TestResult& test = *run.mutable_suites(0)->mutable_tests(0);
  test.add_cpu_profile("main;Serve 3");
  test.add_cpu_profile("main 1");
  daemon.SetRun(run);
  CommandLine with;
  EXPECT_EQ(with.Run(arguments), 99);

  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  EXPECT_THAT(line, EndsWith("/" + test.test() + ";main;Serve 3"));
  EXPECT_THAT(with.out(), HasSubstr("2 stacks"));
  std::filesystem::remove(path);
}

TEST(AppTest, ARunWithoutAVerdictIsNoPass) {
  FakeDaemon daemon;
  for (const auto& [state, word] : std::map<v1::RunState, std::string>{
           {v1::QUEUED, "queued"}, {v1::RUNNING, "running"}}) {
    v1::Run run;
    run.set_name("runs/1");
    run.set_state(state);
    daemon.SetRun(run);
    CommandLine table;
    CommandLine json;

    EXPECT_EQ(table.Run({"result", "1", "--address", daemon.address()}), 1);
    EXPECT_EQ(json.Run({"result", "1", "--output", "json", "--address",
                        daemon.address()}),
              1);

    EXPECT_THAT(table.out(), HasSubstr(word));
    EXPECT_THAT(json.out(), HasSubstr("\"runs/1\""));
  }
}

TEST(AppTest, NamesAnUnknownRunAsTheDaemonDoes) {
  FakeDaemon daemon;
  daemon.Refuse({grpc::StatusCode::NOT_FOUND, "there is no runs/1"});
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"result", "1", "--address", daemon.address()}), 1);

  EXPECT_EQ(perfrig.err(), "there is no runs/1\n");
}

TEST(AppTest, PrintsTheProblemsOfAFile) {
  FakeDaemon daemon;
  v1::CheckSuiteResponse response;
  v1::Problem& problem = *response.add_problems();
  problem.set_file("a.yaml");
  problem.set_line(14);
  problem.set_column(9);
  problem.set_field("load.rate");
  problem.set_message("must be > 0, got -5");
  daemon.SetProblems(response);
  const ScratchFile file("suite: a");
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"check", file.path(), "--address", daemon.address()}),
            1);

  EXPECT_EQ(perfrig.err(), "a.yaml:14:9: load.rate must be > 0, got -5\n");
}

TEST(AppTest, ABrokenFileExitsAlikeWhoeverFindsItBroken) {
  const std::map<std::string, std::string> broken = {
      {"suite: a\ntitle: \xff", ":2:1: this line is not UTF-8\n"},
      {std::string(1'000'001, ' '),
       ":1:1: must be at most 1000000 bytes, got 1000001\n"}};
  for (const auto& [text, problem] : broken) {
    const ScratchFile file(text);
    for (const char* command : {"check", "run"}) {
      CommandLine perfrig;

      EXPECT_EQ(perfrig.Run({command, file.path()}), 1);

      EXPECT_THAT(perfrig.err(), HasSubstr(problem));
    }
  }
  CommandLine perfrig;
  EXPECT_EQ(perfrig.Run({"check", "missing.yaml"}), 2);
}

TEST(AppTest, ListsWhatIsWrongWithTheDaemonsFiles) {
  FakeDaemon daemon;
  v1::ListSuitesResponse suites;
  suites.add_suites()->set_name("suites/good");
  v1::Problem& problem = *suites.add_problems();
  problem.set_file("/s/bad.yaml");
  problem.set_line(2);
  problem.set_column(8);
  problem.set_field("tests");
  problem.set_message("must be a map");
  daemon.SetSuites(suites);
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"list", "--address", daemon.address()}), 0);

  EXPECT_THAT(perfrig.out(), HasSubstr("good"));
  EXPECT_EQ(perfrig.err(), "/s/bad.yaml:2:8: tests must be a map\n");
}

TEST(AppTest, SendsAFileWithTheValuesItNames) {
  FakeDaemon daemon;
  setenv("APP_TEST_HOST", "db:1", 1);
  setenv("APP_TEST_SECRET", "s", 1);
  const ScratchFile file("target: ${APP_TEST_HOST}\nx: ${TENANT}\n${UNSET_X}");
  CommandLine perfrig;

  perfrig.Run(
      {"run", file.path(), "--set", "TENANT=t", "--address", daemon.address()});

  ASSERT_THAT(daemon.started(), SizeIs(1));
  const v1::SuiteSource source = daemon.started()[0].sources(0);
  EXPECT_EQ(source.file_name(), file.path());
  EXPECT_THAT(
      source.variables(),
      UnorderedElementsAre(Pair("APP_TEST_HOST", "db:1"), Pair("TENANT", "t")));
}

TEST(AppTest, RefusesASettingThatNoFileAsksFor) {
  FakeDaemon daemon;
  const ScratchFile file("suite: a");
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"run", file.path(), "--set", "TENNANT=t", "--address",
                         daemon.address()}),
            2);

  EXPECT_THAT(perfrig.err(), HasSubstr("--set TENNANT: no ${TENNANT} in "));
  EXPECT_THAT(daemon.started(), IsEmpty());
}

TEST(AppTest, ChangesOnlyTheFieldsThatWereGiven) {
  FakeDaemon daemon;
  CommandLine perfrig;

  EXPECT_EQ(
      perfrig.Run({"target", "set", "database", "--delay", "lognormal:20ms,0.5",
                   "--fault", "UNAVAILABLE:1%", "--fault", "hang:0.1%",
                   "--capacity", "20", "--address", daemon.address()}),
      0);

  ASSERT_THAT(daemon.updated(), SizeIs(1));
  EXPECT_EQ(daemon.updated()[0].name(), "targets/database");
  EXPECT_THAT(daemon.updated()[0].update_mask().paths(),
              ElementsAre("delay", "capacity", "faults"));
  EXPECT_EQ(daemon.updated()[0].behavior().faults_size(), 2);
}

v1::ListTargetsResponse TwoTargets() {
  v1::ListTargetsResponse list;
  for (const char* name : {"targets/cache", "targets/database"}) {
    v1::Target& target = *list.add_targets();
    target.set_name(name);
    target.mutable_behavior()->set_capacity(20);
  }
  return list;
}

TEST(AppTest, SetsTheBehaviorOfAFile) {
  FakeDaemon daemon;
  daemon.SetTargets(TwoTargets());
  const ScratchFile file("capacity: 5\nreplicas: 2\n");
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"target", "set", "database", "--file", file.path(),
                         "--address", daemon.address()}),
            0)
      << perfrig.err();

  ASSERT_THAT(daemon.updated(), SizeIs(1));
  const v1::UpdateBehaviorRequest request = daemon.updated()[0];
  EXPECT_EQ(request.name(), "targets/database");
  EXPECT_EQ(request.behavior().capacity(), 5U);
  EXPECT_EQ(request.behavior().database().replicas(), 2U);
  EXPECT_THAT(request.update_mask().paths(),
              UnorderedElementsAre("capacity", "database.replicas"));
}

TEST(AppTest, SetsTheBehaviorOfAllTargetsOfAFile) {
  FakeDaemon daemon;
  daemon.SetTargets(TwoTargets());
  const ScratchFile file("database: {capacity: 5}\ncache: {encrypt: true}\n");
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"target", "set", "--file", file.path(), "--address",
                         daemon.address()}),
            0)
      << perfrig.err();

  ASSERT_THAT(daemon.updated(), SizeIs(2));
  EXPECT_EQ(daemon.updated()[0].name(), "targets/database");
  EXPECT_EQ(daemon.updated()[1].name(), "targets/cache");
  EXPECT_THAT(perfrig.out(), AllOf(HasSubstr("database"), HasSubstr("cache")));
}

TEST(AppTest, ABrokenBehaviorFileChangesNothing) {
  FakeDaemon daemon;
  daemon.SetTargets(TwoTargets());
  const ScratchFile file("database: {capacity: 5}\ncachee: {encrypt: true}\n");
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"target", "set", "--file", file.path(), "--address",
                         daemon.address()}),
            1);

  EXPECT_THAT(daemon.updated(), IsEmpty());
  EXPECT_EQ(perfrig.err(), file.path() +
                               ":2:1: cachee is no target (did you mean "
                               "cache?)\n");
}

TEST(AppTest, WhatTheDaemonRefusesOfAFileLeavesAllAsItWas) {
  FakeDaemon daemon;
  daemon.SetTargets(TwoTargets());
  daemon.RefuseTarget("targets/cache");
  const ScratchFile file(
      "database: {capacity: 5}\ncache: {l2_back_end: real}\n");
  CommandLine perfrig;

  EXPECT_NE(perfrig.Run({"target", "set", "--file", file.path(), "--address",
                         daemon.address()}),
            0);

  EXPECT_THAT(perfrig.err(), HasSubstr("REAL needs --redis"));
  ASSERT_THAT(daemon.updated(), SizeIs(3));
  const v1::UpdateBehaviorRequest back = daemon.updated()[2];
  EXPECT_EQ(back.name(), "targets/database");
  EXPECT_EQ(back.behavior().capacity(), 20U);
  EXPECT_THAT(back.update_mask().paths(), ElementsAre("capacity"));
}

TEST(AppTest, AsksForAnotherVersionWhereAServiceIsMissing) {
  FakeDaemon daemon;
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"status", "--address", daemon.address()}), 1);

  EXPECT_THAT(perfrig.err(), HasSubstr("is it a perfrigd of this version?"));
}

TEST(AppTest, WritesASuiteToStartFromAndNeverOverOne) {
  const ScratchFile file("");
  CommandLine over;
  EXPECT_EQ(over.Run({"new", file.path()}), 2);
  EXPECT_THAT(over.err(), HasSubstr("is there already"));

  std::filesystem::remove(file.path());
  CommandLine perfrig;
  EXPECT_EQ(perfrig.Run({"new", file.path()}), 0);
  EXPECT_THAT(perfrig.out(), HasSubstr("perfrig check " + file.path()));
  std::ifstream stream(file.path());
  std::string first;
  std::getline(stream, first);
  EXPECT_THAT(first, StartsWith("# A suite to start from"));
}

TEST(AppTest, SaysWhyItCannotAskForTypes) {
  FakeDaemon daemon;
  const std::string path = ::testing::TempDir() + "never_written.yaml";
  for (const auto& [arguments, text] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{daemon.address(), "a.B/C"}, "offers no server reflection"},
           {{kNobody, "a.B/C"}, "127.0.0.1:1"},
           {{daemon.address(), "aBC"}, "pkg.Service/Method"},
           {{"nowhere", "a.B/C"}, "--from-reflection"}}) {
    CommandLine perfrig;
    std::vector<std::string> words = {"new", path, "--from-reflection"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(perfrig.Run(words), 2);
    EXPECT_THAT(perfrig.err(), HasSubstr(text));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST(AppTest, CompletesCommandsAndTheirFlags) {
  CommandLine perfrig;

  EXPECT_EQ(perfrig.Run({"completion", "bash"}), 0);

  EXPECT_THAT(perfrig.out(), HasSubstr("\"target set\") words=\"--help "
                                       "--delay"));
  EXPECT_THAT(perfrig.out(), HasSubstr("complete -o filenames -F _perfrig"));
}

TEST(AppTest, PrintsItsVersionAndHelp) {
  CommandLine perfrig;
  EXPECT_EQ(perfrig.Run({"--version"}), 0);
  EXPECT_THAT(perfrig.out(), StartsWith("perfrig "));

  CommandLine other;
  EXPECT_EQ(other.Run({"run", "--help"}), 0);
  EXPECT_THAT(other.out(), HasSubstr("--reset-targets"));

  CommandLine call;
  EXPECT_EQ(call.Run({"call", "--help"}), 0);
  EXPECT_THAT(call.out(), HasSubstr("by 1 user"));
}

}  // namespace
}  // namespace perfrig
