#include "client/views/target_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

TEST(TargetTextTest, ShowsTheOptionsThatOnlyThisTargetHas) {
  v1::Target target = Database();
  v1::DatabaseOptions& options = *target.mutable_behavior()->mutable_database();
  options.set_replicas(2);
  options.set_back_end(v1::REAL);
  options.set_slow_pattern("rows/*");
  options.mutable_slow_by()->set_nanos(200'000'000);

  const std::string text = RenderTarget(target, kStyle);

  EXPECT_THAT(text, HasSubstr("replicas          2"));
  EXPECT_THAT(text, HasSubstr("back_end          real"));
  EXPECT_THAT(text, HasSubstr("slow_pattern      rows/*"));
  EXPECT_THAT(text, HasSubstr("slow_by           200ms"));
}

TEST(TargetTextTest, ShowsWhatOnlySomeTargetsHave) {
  v1::Target target = Database();
  EXPECT_THAT(RenderTarget(target, kStyle), Not(HasSubstr("tokens")));
  v1::TargetStatistics& statistics = *target.mutable_statistics();
  statistics.mutable_pool()->set_connections(7);
  statistics.mutable_pool()->set_capacity(20);
  statistics.mutable_pool()->set_waiting(2);
  statistics.mutable_cache()->set_hits(3'000);
  statistics.mutable_cache()->set_misses(1);
  statistics.mutable_cache()->set_bytes(2'048);
  statistics.set_sessions_open(0);
  statistics.set_tokens(1'234);

  const std::string text = RenderTarget(target, kStyle);

  EXPECT_THAT(text, HasSubstr("7 of 20 in use, 2 calls waiting"));
  EXPECT_THAT(text, HasSubstr("hits 3,000, misses 1, 2.00 KiB kept"));
  EXPECT_THAT(text, HasSubstr("sessions open    0"));
  EXPECT_THAT(text, HasSubstr("tokens           1,234"));
}

TEST(TargetTextTest, ListsOneRowATarget) {
  v1::ListTargetsResponse list;
  *list.add_targets() = Database();

  EXPECT_THAT(RenderTargetList(list, kStyle, 0),
              HasSubstr("database  1,200         10  p50 -  p99 -        "
                        "changed: delay 20ms  capacity 20  "
                        "bytes-per-second 100000000"));
}

TEST(TargetTextTest, KeepsTheNameInANarrowList) {
  v1::ListTargetsResponse list;
  *list.add_targets() = Database();
  list.mutable_targets(0)->set_name("targets/connection-pool");

  EXPECT_EQ(RenderTargetList(list, kStyle, 60),
            "target           calls  in flight  behavior\n"
            "connection-pool  1,200         10  changed: delay 20ms  cap…\n");
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
