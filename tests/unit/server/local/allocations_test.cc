#include "server/local/allocations.h"

#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "server/local/keep.h"

namespace perfrig::local {
namespace {

struct alignas(128) Wide {
  char bytes[256];
};

class AllocationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (count_ == nullptr) GTEST_SKIP() << "sanitizers keep their own";
  }

  const drivers::AllocationCounter count_ = CountedAllocations();
};

TEST_F(AllocationsTest, AreCountedWithTheirBytes) {
  const drivers::Allocations before = count_();
  auto number = std::make_unique<std::uint64_t>(1);
  std::vector<char> bytes(1'000);
  auto wide = std::make_unique<Wide>();
  Keep(number);
  Keep(bytes);
  Keep(wide);
  const drivers::Allocations after = count_();

  EXPECT_EQ(after.count - before.count, 3U);
  EXPECT_EQ(after.bytes - before.bytes, 8U + 1'000U + 256U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wide.get()) % 128, 0U);
}

TEST_F(AllocationsTest, AreEachThreadsOwn) {
  std::uint64_t theirs = 0;
  const drivers::Allocations before = count_();
  std::thread other([&] {
    const std::uint64_t start = count_().count;
    for (int i = 0; i < 100; ++i) Keep(std::make_unique<int>(i));
    theirs = count_().count - start;
  });
  other.join();
  const drivers::Allocations after = count_();

  EXPECT_EQ(theirs, 100U);
  // That of the thread itself.
  EXPECT_LT(after.count - before.count, 10U);
}

TEST_F(AllocationsTest, FailAsTheyShould) {
  volatile std::size_t bytes = std::size_t{1} << 62;

  EXPECT_THROW(Keep(std::make_unique<char[]>(bytes)), std::bad_alloc);
}

}  // namespace
}  // namespace perfrig::local
