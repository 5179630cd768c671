#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Given ReadText(const std::string& text) {
  const auto given = ReadConfigText(text, "perfrigd.yaml");
  EXPECT_TRUE(given.ok()) << given.status();
  return given.value_or(Given());
}

std::string ProblemOf(const std::string& text) {
  return std::string(ReadConfigText(text, "perfrigd.yaml").status().message());
}

TEST(Config, WithoutAnySourceTheDefaultsHold) {
  const auto config = MakeConfig({});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->control_address, "127.0.0.1:7070");
  EXPECT_EQ(config->http_address, "127.0.0.1:7071");
  EXPECT_EQ(config->target_address, "127.0.0.1:7072");
  EXPECT_EQ(config->drain_timeout, absl::Seconds(30));
  EXPECT_EQ(config->queue_limit, 16U);
  EXPECT_EQ(config->keep_runs, 200U);
  EXPECT_EQ(config->ready_fd, -1);
  EXPECT_FALSE(config->allow_call_overrides);
  EXPECT_THAT(config->allow_target, ElementsAre("self", "spawn", "loopback"));
}

TEST(Config, TheDefaultsThatHelpNamesAreThoseThatHold) {
  Config config;
  config.allow_target.clear();
  for (const Option& option : Options()) {
    const Given standard = ReadEnvironment([&](const char* name) {
      return name == EnvironmentName(option.name) ? option.default_value.c_str()
                                                  : nullptr;
    });
    for (const auto& [name, given] : standard) {
      for (const std::string& value : given.values) {
        EXPECT_TRUE(option.set(config, value).ok()) << name << " " << value;
      }
    }
  }

  EXPECT_EQ(config, Config());
}

TEST(Config, TheStrongerSourceWinsValueByValue) {
  const Given flags = {{"queue-limit", {{"1"}, "--queue-limit"}}};
  const Given environment = ReadEnvironment([](const char* name) {
    const std::string_view asked = name;
    if (asked == "PERFRIG_QUEUE_LIMIT") return "2";
    if (asked == "PERFRIG_KEEP_RUNS") return "20";
    return static_cast<const char*>(nullptr);
  });
  const Given file = ReadText("queue-limit: 3\nkeep-runs: 30\nlanes: 4\n");

  const auto config = MakeConfig({flags, environment, file});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->queue_limit, 1U);
  EXPECT_EQ(config->keep_runs, 20U);
  EXPECT_EQ(config->lanes, 4U);
}

TEST(Config, AListReplacesTheWeakerList) {
  const Given file = ReadText("allow-target: [self, \"*.perf.internal\"]\n");

  const auto config = MakeConfig({file});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->allow_target, ElementsAre("self", "*.perf.internal"));
}

TEST(Config, AListInTheEnvironmentIsCutAtCommas) {
  const Given environment = ReadEnvironment([](const char* name) {
    return std::string_view(name) == "PERFRIG_ALLOW_TARGET" ? "self, 10.0.0.0/8"
                                                            : nullptr;
  });

  const auto config = MakeConfig({environment});

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_THAT(config->allow_target, ElementsAre("self", "10.0.0.0/8"));
}

TEST(Config, AnAddressOfARedisIsCheckedAndItsPasswordNotShown) {
  const auto config = MakeConfig({ReadText("redis: me:hidden@cache:7/3\n")});
  const std::string problem(
      MakeConfig({ReadText("redis: me:hidden@cache:0\n")}).status().message());

  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->redis, "me:hidden@cache:7/3");
  EXPECT_THAT(problem, HasSubstr("redis must be [redis://]"));
  EXPECT_THAT(problem, HasSubstr("the port must be 1 to 65535"));
  EXPECT_THAT(problem, Not(HasSubstr("hidden")));
}

TEST(Config, AnEmptyVariableCountsAsNotSet) {
  EXPECT_THAT(ReadEnvironment([](const char*) { return ""; }), IsEmpty());
}

TEST(Config, AnUnknownKeyIsNamedWithItsPlaceAndTheNearestOne) {
  EXPECT_THAT(ProblemOf("lanes: 1\nqueue_limit: 3\n"),
              HasSubstr("perfrigd.yaml:2:1: unknown key \"queue_limit\" (did "
                        "you mean queue-limit?)"));
}

TEST(Config, AllProblemsOfAFileAreTold) {
  const std::string problems = ProblemOf("one: 1\ntwo: 2\nlanes: [1, 2]\n");

  EXPECT_THAT(problems, HasSubstr("perfrigd.yaml:1:1: unknown key \"one\""));
  EXPECT_THAT(problems, HasSubstr("perfrigd.yaml:2:1: unknown key \"two\""));
  EXPECT_THAT(problems, HasSubstr("perfrigd.yaml:3:1: lanes must be one"));
}

TEST(Config, WrongValuesAreToldWithUnknownKeys) {
  const std::string problems = ProblemOf("one: 1\nlanes: many\n");

  EXPECT_THAT(problems, HasSubstr("perfrigd.yaml:1:1: unknown key \"one\""));
  EXPECT_THAT(problems, HasSubstr("perfrigd.yaml:2:8: lanes must be"));
}

TEST(Config, BrokenYamlSaysWhere) {
  EXPECT_THAT(ProblemOf("lanes: [1\n"), HasSubstr("perfrigd.yaml:2:1: "));
  EXPECT_THAT(ProblemOf("- lanes\n"), HasSubstr("perfrigd.yaml:1:1: "));
  EXPECT_THAT(ProblemOf("lanes: 1\nlanes: 2\n"), HasSubstr("stands twice"));
}

TEST(Config, AnEmptyFileIsFine) { EXPECT_THAT(ReadText(""), IsEmpty()); }

TEST(Config, AWrongValueIsToldWithSourceRuleAndValue) {
  const auto problem = [](const Given& given) {
    return std::string(MakeConfig({given}).status().message());
  };

  EXPECT_THAT(problem({{"queue-limit", {{"-1"}, "--queue-limit"}}}),
              HasSubstr("--queue-limit must be 0 to 10000, got \"-1\""));
  EXPECT_THAT(problem({{"drain-timeout", {{"5"}, "PERFRIG_DRAIN_TIMEOUT"}}}),
              HasSubstr("PERFRIG_DRAIN_TIMEOUT must be a time"));
  EXPECT_THAT(problem({{"control-address", {{"7070"}, "--control-address"}}}),
              HasSubstr("--control-address must be host:port, got \"7070\""));
  EXPECT_THAT(problem({{"log-format", {{"xml"}, "--log-format"}}}),
              HasSubstr("must be text, json, got \"xml\""));
  EXPECT_THAT(problem({{"behavior", {{"/nowhere"}, "--behavior"}}}),
              HasSubstr("--behavior must be a file, got \"/nowhere\""));
  EXPECT_THAT(problem(ReadText("lanes: many\n")),
              HasSubstr("perfrigd.yaml:1:8: lanes must be 0 to 1024"));
}

TEST(Config, APostgresqlThatIsNoneIsToldWithoutItsPassword) {
  for (const char* value :
       {"host=db password=open sesame", "postgresql://me:sesame@[db", "sesame",
        "host=db sesame=1"}) {
    const auto config =
        MakeConfig({{{"postgresql", {{value}, "--postgresql"}}}});

    ASSERT_FALSE(config.ok()) << value;
    EXPECT_THAT(std::string(config.status().message()),
                HasSubstr("--postgresql must be libpq's"));
    EXPECT_THAT(std::string(config.status().message()),
                ::testing::Not(HasSubstr("sesame")));
  }
  for (const char* value :
       {"host=db dbname=bench", "postgresql://me:sesame@db:5433/bench"}) {
    const auto config =
        MakeConfig({{{"postgresql", {{value}, "--postgresql"}}}});

    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->postgresql, value);
  }
}

TEST(Config, AllWrongValuesAreToldAtOnce) {
  const auto config = MakeConfig({ReadText("lanes: many\nkeep-runs: 0\n")});

  EXPECT_THAT(std::string(config.status().message()),
              ::testing::AllOf(HasSubstr("lanes"), HasSubstr("keep-runs")));
}

}  // namespace
}  // namespace perfrig
