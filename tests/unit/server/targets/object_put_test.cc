#include "server/targets/object_put.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "server/targets/memory_bucket.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::targets {
namespace {

class ObjectPutTest : public ::testing::Test {
 protected:
  ObjectPutTest() {
    Launch(put_.Enter(),
           [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
    ObjectPut::Header header;
    header.set_key("a");
    EXPECT_TRUE(put_.Open(header).ok());
  }
  ~ObjectPutTest() override { stay_.Leave(absl::StatusCode::kOk); }

  // Where the script goes on when so many bytes were added.
  std::thread::id Add(std::size_t bytes) {
    const std::string chunk(bytes, 'x');
    std::promise<std::thread::id> added;
    Launch(put_.Add(chunk), [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok());
      added.set_value(std::this_thread::get_id());
    });
    return added.get_future().get();
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  Station station_{clock_, delays_, {}};
  Scope scope_;
  Stay stay_{scope_, station_};
  ByteBudget budget_{1U << 30};
  MemoryBucket bucket_{budget_};
  Elsewhere elsewhere_;
  ObjectPut put_{bucket_, elsewhere_, stay_};
};

TEST_F(ObjectPutTest, OnlyLargePiecesAreKeptElsewhere) {
  EXPECT_EQ(Add(kLightBytes), std::this_thread::get_id());
  EXPECT_NE(Add(kLightBytes + 1), std::this_thread::get_id());
  EXPECT_EQ(Add(1), std::this_thread::get_id());
}

}  // namespace
}  // namespace perfrig::targets
