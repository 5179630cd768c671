#include "server/runs/suite_workload.h"

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/load/seeds.h"
#include "server/suites/random_data.h"

namespace perfrig::runs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void AddCalls(int count, google::protobuf::RepeatedPtrField<v1::Call>& calls) {
  for (int i = 0; i < count; ++i) {
    v1::Call& call = *calls.Add();
    call.set_name("call" + std::to_string(i));
    call.set_method("local:noop");
  }
}

class SuiteWorkloadTest : public ::testing::Test {
 protected:
  SuiteWorkloads& Compile() {
    workloads_ = *SuiteWorkloads::Compile({}, test_, nullptr, {});
    return *workloads_;
  }

  // What the first iterations begin with.
  std::vector<std::size_t> Drawn(int count, std::uint64_t seed = 1) {
    const auto workload = Compile().Create(0, seed);
    std::vector<std::size_t> steps;
    for (int i = 0; i < count; ++i) steps.push_back(workload->First());
    return steps;
  }

  v1::Test test_;
  std::unique_ptr<SuiteWorkloads> workloads_;
};

TEST_F(SuiteWorkloadTest, StepsAreMadeInOrder) {
  AddCalls(3, *test_.mutable_calls());

  const auto workload = Compile().Create(0, 0);

  EXPECT_EQ(workload->First(), 0U);
  EXPECT_EQ(workload->After(0), 1U);
  EXPECT_EQ(workload->After(1), 2U);
  EXPECT_EQ(workload->After(2), workload->steps());
}

TEST_F(SuiteWorkloadTest, AMixDrawsByWeight) {
  AddCalls(3, *test_.mutable_calls());
  test_.set_mix(true);
  test_.mutable_calls(0)->set_weight(7);
  test_.mutable_calls(2)->set_weight(2);

  std::array<int, 3> counts{};
  for (const std::size_t step : Drawn(10'000)) ++counts.at(step);

  EXPECT_NEAR(counts[0], 7'000, 300);
  EXPECT_NEAR(counts[1], 1'000, 300);
  EXPECT_NEAR(counts[2], 2'000, 300);
  const auto workload = workloads_->Create(0, 0);
  EXPECT_EQ(workload->After(1), workload->steps());
}

TEST_F(SuiteWorkloadTest, AMixIsFixedByItsSeed) {
  AddCalls(2, *test_.mutable_calls());
  test_.set_mix(true);
  const auto drawn = Drawn(100);

  EXPECT_EQ(Drawn(100), drawn);
  EXPECT_NE(Drawn(100, /*seed=*/2), drawn);
}

TEST_F(SuiteWorkloadTest, LanesDrawNothingThatAnotherDraws) {
  constexpr int kLanes = 8;
  constexpr int kDraws = 1'000;
  std::set<std::uint64_t> drawn;
  for (int lane = 0; lane < kLanes; ++lane) {
    std::uint64_t random = load::SeedOfPart(/*seed=*/1, lane);
    for (int i = 0; i < kDraws; ++i) drawn.insert(suites::NextRandom(random));
  }

  EXPECT_EQ(drawn.size(), kLanes * kDraws);
}

TEST_F(SuiteWorkloadTest, AGroupMakesItsOwnCalls) {
  v1::Group& first = *test_.add_groups();
  first.set_name("first");
  AddCalls(2, *first.mutable_calls());
  v1::Group& second = *test_.add_groups();
  second.set_name("second");
  AddCalls(1, *second.mutable_calls());

  const auto one = Compile().Create(0, 0);
  const auto other = workloads_->Create(1, 1);

  EXPECT_EQ(one->steps(), 3U);
  EXPECT_EQ(one->First(), 0U);
  EXPECT_EQ(one->After(1), 3U);
  EXPECT_EQ(other->First(), 2U);
  EXPECT_EQ(other->After(2), 3U);
  std::vector<std::string> names;
  for (const auto& step : workloads_->names().steps) names.push_back(step.name);
  EXPECT_THAT(names, ElementsAre("first.call0", "first.call1", "second"));
}

TEST_F(SuiteWorkloadTest, OneCallHasNoFiguresBesideTheTests) {
  AddCalls(1, *test_.mutable_calls());

  EXPECT_THAT(Compile().names().steps.front().name, IsEmpty());
}

}  // namespace
}  // namespace perfrig::runs
