#include "common/behavior/check.h"

#include <ostream>
#include <string>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace perfrig {
namespace {

using testing::IsEmpty;

v1::Behavior FromText(const std::string& text) {
  v1::Behavior behavior;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &behavior))
      << text;
  return behavior;
}

std::string ProblemsOf(const std::string& text) {
  std::string problems;
  for (const FieldProblem& problem : CheckBehavior(FromText(text))) {
    if (!problems.empty()) problems += "; ";
    problems += problem.field + ": " + problem.message;
  }
  return problems;
}

struct Broken {
  std::string behavior;
  std::string problems;
};

void PrintTo(const Broken& broken, std::ostream* out) {
  *out << broken.behavior;
}

class CheckBehaviorTest : public testing::TestWithParam<Broken> {};

TEST_P(CheckBehaviorTest, NamesFieldRuleAndValue) {
  EXPECT_EQ(ProblemsOf(GetParam().behavior), GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, CheckBehaviorTest,
    testing::Values(
        Broken{"capacity: 1000001",
               "capacity: must be 0 to 1,000,000, got 1,000,001"},
        Broken{"queue_limit: 4000000000",
               "queue_limit: must be 0 to 1,000,000, got 4,000,000,000"},
        Broken{"bytes_per_second: nan",
               "bytes_per_second: must be 0 to 1,000,000,000,000, got NaN"},
        Broken{"bytes_per_second: -1",
               "bytes_per_second: must be 0 to 1,000,000,000,000, got -1"},
        Broken{"load_factor: inf",
               "load_factor: must be 0 to 1,000, got infinity"}));

INSTANTIATE_TEST_SUITE_P(
    Delays, CheckBehaviorTest,
    testing::Values(
        Broken{"delay {}",
               "delay: needs one of fixed, uniform, normal, lognormal, "
               "exponential, pareto, quantiles, mixture"},
        Broken{"delay { fixed { seconds: -1 } }",
               "delay.fixed: must be 0 to 1h, got -1s"},
        Broken{"delay { fixed { seconds: 3601 } }",
               "delay.fixed: must be 0 to 1h, got 1h1s"},
        Broken{"delay { fixed { seconds: 1 nanos: -5 } }",
               "delay.fixed: must be a duration, got 1 seconds and -5 nanos"},
        Broken{"delay { fixed { seconds: 9223372036854775807 } }",
               "delay.fixed: must be a duration, got 9223372036854775807 "
               "seconds and 0 nanos"},
        Broken{"delay { uniform { min { seconds: 2 } max { seconds: 1 } } }",
               "delay.uniform.max: must be >= min, 2s, got 1s"},
        Broken{"delay { lognormal { sigma: 6 } }",
               "delay.lognormal.median: must be > 0 and <= 1h, got 0; "
               "delay.lognormal.sigma: must be 0 to 5, got 6"},
        Broken{"delay { pareto { scale { seconds: 1 } } }",
               "delay.pareto.alpha: must be > 1 and <= 100, got 0"},
        Broken{"delay { pareto { scale { seconds: 1 } alpha: 1 } }",
               "delay.pareto.alpha: must be > 1 and <= 100, got 1"},
        Broken{"delay { quantiles { points {} } }",
               "delay.quantiles.points: must have 2 to 1,000 items, got 1"},
        Broken{"delay { quantiles { points { quantile: 0.5 } points { "
               "quantile: 0.5 } } }",
               "delay.quantiles.points[0].quantile: must be 0 in the first, "
               "got 0.5; delay.quantiles.points[1].quantile: must be 1 in the "
               "last, got 0.5; delay.quantiles.points[1].quantile: must be > "
               "the one before, 0.5, got 0.5"},
        Broken{"delay { mixture { parts { weight: 1 delay { mixture {} } } } }",
               "delay.mixture.parts[0].delay: must not be a mixture itself"},
        Broken{"delay { mixture { parts { delay { exponential { nanos: 1 } } } "
               "} }",
               "delay.mixture.parts[0].weight: must be > 0 and <= "
               "1,000,000,000, got 0"}));

INSTANTIATE_TEST_SUITE_P(
    Trouble, CheckBehaviorTest,
    testing::Values(
        Broken{"faults { rate: 0.1 }",
               "faults[0]: needs one of status, hang, slow, drop"},
        Broken{"faults { rate: 1.5 hang: true }",
               "faults[0].rate: must be 0 to 1, got 1.5; faults: rates must "
               "add up to at most 1, got 1.5"},
        Broken{"faults { rate: nan hang: true }",
               "faults[0].rate: must be 0 to 1, got NaN"},
        Broken{"faults { rate: 0.1 hang: false }",
               "faults[0].hang: must be true"},
        Broken{"faults { rate: 0.1 status: 'OK' }",
               "faults[0].status: must be an error, got \"OK\""},
        Broken{"faults { rate: 0.1 status: 'ABORT' }",
               "faults[0].status: must be the name of a gRPC status, got "
               "\"ABORT\" (did you mean ABORTED?)"},
        Broken{"stall { every { seconds: 1 } }",
               "stall.duration: must be > 0 and <= 24h, got 0"},
        Broken{"stall { every { seconds: 1 } duration { seconds: 1 } }",
               "stall.every: must be > duration, 1s, got 1s"},
        Broken{"outage { after { seconds: -1 } duration { seconds: 1 } }",
               "outage.after: must be 0 to 24h, got -1s"}));

TEST(CheckBehaviorTest, AcceptsWhatIsInRange) {
  EXPECT_THAT(CheckBehavior({}), IsEmpty());
  EXPECT_EQ(ProblemsOf(R"(
    delay { quantiles { points {} points { quantile: 0.5 value { nanos: 9 } }
                        points { quantile: 1 value { seconds: 3600 } } } }
    capacity: 0 queue_limit: 1000000 bytes_per_second: 0 load_factor: 1000
    faults { rate: 0.1 status: "ABORTED" } faults { rate: 0.2 hang: true }
    faults { rate: 0.7 slow { nanos: 1 } }
    stall { every { seconds: 6 } duration { seconds: 1 } }
    outage { duration { seconds: 5 } status: "INTERNAL" } seed: 0)"),
            "");
}

}  // namespace
}  // namespace perfrig
