#include "common/strings/nearest.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace perfrig {
namespace {

TEST(NearestTest, FindsMistypedNames) {
  const std::vector<std::string> names = {"latency", "throughput", "lag", "OK"};

  EXPECT_EQ(Nearest("latncy", names), "latency");
  EXPECT_EQ(Nearest("letancy", names), "latency");
  EXPECT_EQ(Nearest("trhoughput", names), "throughput");
  EXPECT_EQ(Nearest("ok", names), "OK");
  EXPECT_EQ(Nearest("lagg", names), "lag");
}

TEST(NearestTest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(Nearest("banana", {"latency", "lag"}), "");
  EXPECT_EQ(Nearest("", {"a"}), "");
  EXPECT_EQ(Nearest("x", {"y"}), "");
  EXPECT_EQ(Nearest(std::string(10'000, 'a'), {"a"}), "");
}

TEST(NearestTest, TakesTheFirstOfSeveral) {
  EXPECT_EQ(Nearest("p9x", {"p95", "p99"}), "p95");
}

TEST(NearestTest, IsPutAtTheEndOfAnError) {
  EXPECT_EQ(DidYouMean("latncy", {"latency"}), " (did you mean latency?)");
  EXPECT_EQ(DidYouMean("x", {"latency"}), "");
}

}  // namespace
}  // namespace perfrig
