#include "client/flags/variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(VariablesInTest, FindsBothForms) {
  EXPECT_THAT(VariablesIn("target: ${HOST:-self}\n"
                          "data: '{\"t\": \"{{env TOKEN}}\"}'\n"
                          "more: {{ env  OTHER_1 }} ${PLAIN}"),
              ElementsAre("HOST", "OTHER_1", "PLAIN", "TOKEN"));
}

TEST(VariablesInTest, FindsTheKeysOfTokens) {
  EXPECT_THAT(VariablesIn("{{jwt RS256 sub=a key=ONE}} {{ jwt key=TWO }} "
                          "{{jwt RS256 mykey=NOT}} {{jwt}} key=NOT {{j"),
              ElementsAre("ONE", "TWO"));
}

TEST(VariablesInTest, LeavesOtherTemplatesAlone) {
  EXPECT_THAT(VariablesIn("{{seq}} {{environment X}} {{env}} $HOME ${} ${1A} "
                          "{{random 1 100}} ${"),
              IsEmpty());
}

TEST(ResolveVariablesTest, PrefersSettingsAndLeavesOutTheUnknown) {
  const auto environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "UNSET") return std::nullopt;
    return "env-" + name;
  };

  const auto values = ResolveVariables(
      "${A} ${B} ${UNSET}", {{"A", "set"}, {"SECRET", "x"}}, environment);

  EXPECT_THAT(values, ElementsAre(Pair("A", "set"), Pair("B", "env-B")));
}

}  // namespace
}  // namespace perfrig
