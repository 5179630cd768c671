#include "common/behavior/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/yaml/problem_log.h"

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string>& Targets() {
  static const std::vector<std::string>& names =
      *new std::vector<std::string>{"cache", "database", "echo"};
  return names;
}

std::vector<std::string> Texts(const std::vector<v1::Problem>& problems) {
  std::vector<std::string> texts;
  for (const v1::Problem& problem : problems) {
    texts.push_back(yaml::ProblemText(problem));
  }
  return texts;
}

std::vector<std::string> ProblemsOfOne(const std::string& text) {
  return Texts(ReadBehavior({"b.yaml", text}, "database").problems);
}

std::vector<std::string> ProblemsOfSeveral(const std::string& text) {
  return Texts(ReadBehaviors({"b.yaml", text}, Targets()).problems);
}

TEST(BehaviorFile, HasTheKeysOfASuite) {
  const BehaviorFile file =
      ReadBehavior({"b.yaml",
                    "delay: {lognormal: {median: 20ms, sigma: 0.5}}\n"
                    "capacity: 5\n"
                    "faults: [{rate: 1%, status: UNAVAILABLE}]\n"
                    "replicas: 2\n"},
                   "database");

  ASSERT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.changes, SizeIs(1));
  const v1::BehaviorChange& change = file.changes[0];
  EXPECT_EQ(change.target(), "targets/database");
  EXPECT_EQ(change.behavior().delay().lognormal().sigma(), 0.5);
  EXPECT_EQ(change.behavior().capacity(), 5U);
  EXPECT_EQ(change.behavior().faults(0).status(), "UNAVAILABLE");
  EXPECT_EQ(change.behavior().database().replicas(), 2U);
  EXPECT_THAT(change.update_mask().paths(),
              ElementsAre("database.replicas", "delay", "capacity", "faults"));
}

TEST(BehaviorFile, HasSeveralTargetsByTheirNames) {
  const BehaviorFile file = ReadBehaviors(
      {"b.yaml", "echo: {capacity: 3}\ncache:\n  encrypt: true\n"}, Targets());

  ASSERT_THAT(file.problems, IsEmpty());
  ASSERT_THAT(file.changes, SizeIs(2));
  EXPECT_EQ(file.changes[0].target(), "targets/echo");
  EXPECT_EQ(file.changes[0].behavior().capacity(), 3U);
  EXPECT_EQ(file.changes[1].target(), "targets/cache");
  EXPECT_TRUE(file.changes[1].behavior().cache().encrypt());
}

TEST(BehaviorFile, TakesVariables) {
  BehaviorText text = {"b.yaml", "capacity: ${WIDTH}\nseed: ${SEED:-7}\n"};
  text.variables["WIDTH"] = "12";

  const BehaviorFile file = ReadBehavior(text, "echo");

  ASSERT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.changes[0].behavior().capacity(), 12U);
  EXPECT_EQ(file.changes[0].behavior().seed(), 7U);
}

TEST(BehaviorFile, TellsAllThatIsWrongAndWhere) {
  EXPECT_THAT(
      ProblemsOfOne("delay: {lognormal: {median: 20ms, sigma: 9}}\n"
                    "capcity: 5\n"
                    "queue_limit: many\n"
                    "load_factor: -1\n"
                    "replicas: 0\n"
                    "seed: 1\n"
                    "seed: 2\n"),
      ElementsAre(
          "b.yaml:1:42: delay.lognormal.sigma must be 0 to 5, got 9",
          "b.yaml:2:1: capcity unknown key (did you mean capacity?)",
          "b.yaml:3:14: queue_limit must be a whole number, got \"many\"",
          "b.yaml:4:14: load_factor must be 0 to 1,000, got -1",
          "b.yaml:5:11: replicas must be 1 to 100, got 0",
          "b.yaml:7:1: seed is there twice, first in line 6"));
}

TEST(BehaviorFile, TellsOfAllItsTargetsAtOnce) {
  EXPECT_THAT(
      ProblemsOfSeveral("databse: {capacity: 5}\n"
                        "echo:\n"
                        "  capacity: -5\n"
                        "  replicas: 2\n"
                        "cache:\n"
                        "database: {}\n"),
      ElementsAre("b.yaml:1:1: databse is no target (did you mean database?)",
                  "b.yaml:3:13: echo.capacity must be a whole number, 0 to "
                  "4,294,967,295, got -5",
                  "b.yaml:4:3: echo.replicas unknown key",
                  "b.yaml:5:1: cache must be a map (key: value), got nothing",
                  "b.yaml:6:11: database changes nothing"));
}

TEST(BehaviorFile, RefusesWhatIsNoBehavior) {
  EXPECT_THAT(ProblemsOfOne(""),
              ElementsAre("b.yaml:1:1: must be keys with values, such as "
                          "delay: 20ms"));
  EXPECT_THAT(ProblemsOfOne("{}"), ElementsAre("b.yaml:1:1: changes nothing"));
  EXPECT_THAT(ProblemsOfSeveral("{}"),
              ElementsAre("b.yaml:1:1: changes nothing"));
  EXPECT_THAT(ProblemsOfOne("delay: [\n"), SizeIs(1));
}

}  // namespace
}  // namespace perfrig
