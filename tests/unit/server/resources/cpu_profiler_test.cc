#include "server/resources/cpu_profiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

namespace perfrig::resources {

// Not in the anonymous namespace, and not to be inlined: looked for by name.
[[gnu::noinline]] double SpendTime(Nanos time) {
  double sum = 0;
  const Nanos end = ThreadCpuTime() + time;
  while (ThreadCpuTime() < end) {
    for (int i = 0; i < 10'000; ++i) sum += static_cast<double>(std::rand());
  }
  return sum;
}

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class CpuProfilerTest : public ::testing::Test {
 protected:
  std::unique_ptr<CpuProfiler> Started() {
    auto profiler = CpuProfiler::Start(clock_);
    EXPECT_TRUE(profiler.ok()) << profiler.status();
    return *std::move(profiler);
  }

  SystemClock clock_;
  std::atomic<double> result_ = 0;
};

TEST_F(CpuProfilerTest, SeesWhereAThreadSpendsItsTime) {
  const auto profiler = Started();
  result_ = SpendTime(kSecond / 4);

  EXPECT_THAT(profiler->Stop(), Contains(HasSubstr("SpendTime")));
}

TEST_F(CpuProfilerTest, SeesThreadsThatBeginLater) {
  const auto profiler = Started();
  std::thread other([&] { result_ = SpendTime(kSecond / 4); });
  other.join();

  EXPECT_THAT(profiler->Stop(), Contains(HasSubstr("SpendTime")));
}

TEST_F(CpuProfilerTest, ThereIsOneAtATimeAndAnotherAfterIt) {
  {
    const auto first = Started();
    EXPECT_TRUE(
        absl::IsFailedPrecondition(CpuProfiler::Start(clock_).status()));
    first->Stop();
  }

  const auto second = Started();

  EXPECT_NE(second, nullptr);
}

TEST_F(CpuProfilerTest, ThreadsThatComeAndGoDoItNoHarm) {
  const auto profiler = Started();
  for (int i = 0; i < 50; ++i) {
    std::thread([&] { result_ = SpendTime(kMillisecond); }).join();
  }
  result_ = SpendTime(kSecond / 4);

  EXPECT_THAT(profiler->Stop(), Contains(HasSubstr("SpendTime")));
}

}  // namespace
}  // namespace perfrig::resources
