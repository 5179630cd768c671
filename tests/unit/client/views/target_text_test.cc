#include "client/views/target_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::HasSubstr;

constexpr Style kStyle = {.color = false, .utf8 = true};

v1::Target Database() {
  v1::Target target;
  target.set_name("targets/database");
  target.set_service("perfrig.target.v1.Database");
  target.mutable_behavior()->mutable_delay()->mutable_fixed()->set_nanos(
      20'000'000);
  target.mutable_behavior()->set_capacity(20);
  target.mutable_behavior()->set_bytes_per_second(1e8);
  target.set_changed(true);
  v1::TargetStatistics& statistics = *target.mutable_statistics();
  statistics.set_started(1200);
  (*statistics.mutable_finished())["OK"] = 1190;
  statistics.set_in_flight(10);
  (*target.mutable_state()->mutable_fields())["connections"].set_number_value(
      4);
  return target;
}

TEST(TargetTextTest, ShowsBehaviorAsItWouldBeSet) {
  const std::string text = RenderTarget(Database(), kStyle);

  EXPECT_THAT(text, HasSubstr("changed since the last reset"));
  EXPECT_THAT(text, HasSubstr("delay             20ms"));
  EXPECT_THAT(text, HasSubstr("bytes-per-second  100000000"));
  EXPECT_THAT(text, HasSubstr("OK 1,190"));
  EXPECT_THAT(text, HasSubstr("connections"));
}

TEST(TargetTextTest, ListsOneRowATarget) {
  v1::ListTargetsResponse list;
  *list.add_targets() = Database();

  EXPECT_THAT(RenderTargetList(list, kStyle, 0),
              HasSubstr("database  1,200         10  p50 -  p99 -        "
                        "changed: delay 20ms  capacity 20  "
                        "bytes-per-second 100000000"));
}

TEST(TargetTextTest, CountsWhatHappenedSinceTheTickBefore) {
  const v1::Target before = Database();
  v1::Target now = before;
  (*now.mutable_statistics()->mutable_finished())["OK"] = 1690;

  EXPECT_THAT(TargetTick(before, now, kStyle), HasSubstr("500/s"));
  // After a reset the counts start again.
  EXPECT_THAT(TargetTick(now, before, kStyle), HasSubstr("0/s"));
}

}  // namespace
}  // namespace perfrig
