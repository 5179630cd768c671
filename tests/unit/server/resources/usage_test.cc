#include "server/resources/usage.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <thread>

namespace perfrig::resources {
namespace {

TEST(UsageTest, MemoryGrowsByWhatIsTouched) {
  constexpr std::size_t kBytes = 64 << 20;
  const auto before = UsageOf(getpid());
  ASSERT_TRUE(before);
  const auto bytes = std::make_unique<char[]>(kBytes);
  std::memset(bytes.get(), 1, kBytes);

  const auto after = UsageOf(getpid());

  ASSERT_TRUE(after);
  EXPECT_GE(after->memory - before->memory, 0.9 * kBytes);
  // So that no compiler leaves out what nobody reads.
  EXPECT_EQ(bytes[static_cast<std::size_t>(after->memory) % kBytes], 1);
}

TEST(UsageTest, CountsFilesAndThreads) {
  // With the first one ThreadSanitizer starts one of its own.
  std::thread([] {}).join();
  const auto before = UsageOf(getpid());
  const int file = open("/dev/null", O_RDONLY);
  ASSERT_GE(file, 0);
  std::optional<Usage> after;
  std::thread other([&] { after = UsageOf(getpid()); });
  other.join();
  close(file);

  ASSERT_TRUE(before);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->files, before->files + 1);
  EXPECT_EQ(after->threads, before->threads + 1);
}

TEST(UsageTest, CountsTheTimeOnTheProcessor) {
  const auto before = UsageOf(getpid());
  ASSERT_TRUE(before);
  const Nanos begin = ThreadCpuTime();
  while (ThreadCpuTime() < begin + 20 * kMillisecond) {
  }

  const auto after = UsageOf(getpid());

  ASSERT_TRUE(after);
  EXPECT_GE(after->cpu - before->cpu, 20 * kMillisecond);
}

TEST(UsageTest, OfSeveralProcessesIsTheirSum) {
  const auto one = UsageOf(getpid());
  const auto both = UsageOf({getpid(), getppid()});

  ASSERT_TRUE(one);
  ASSERT_TRUE(both);
  EXPECT_GT(both->memory, one->memory);
  EXPECT_GT(both->threads, one->threads);
}

TEST(UsageTest, NothingIsThereOfAProcessThatIsNot) {
  // Above the largest id that the kernel gives.
  constexpr pid_t kNobody = 1 << 29;

  EXPECT_FALSE(UsageOf(kNobody));
  EXPECT_FALSE(UsageOf(std::vector<pid_t>()));
  EXPECT_TRUE(UsageOf({getpid(), kNobody}));
}

}  // namespace
}  // namespace perfrig::resources
