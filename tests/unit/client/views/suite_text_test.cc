#include "client/views/suite_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perfrig {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Style kStyle = {.color = false, .utf8 = true};

TEST(LoadTextTest, ReadsAsASentence) {
  v1::Load open;
  open.set_rate(1000);
  open.set_arrivals(v1::POISSON);
  open.mutable_duration()->set_seconds(10);
  v1::Load closed;
  closed.set_users(1);
  closed.set_iterations(200);
  v1::Load stages;
  v1::Stage& ramp = *stages.add_stages();
  ramp.set_rate(100);
  ramp.set_ramp(true);
  ramp.mutable_duration()->set_seconds(5);

  v1::Load search;
  search.mutable_search()->set_from(100);
  search.mutable_search()->set_to(5000);
  search.mutable_duration()->set_seconds(5);

  EXPECT_EQ(LoadText(search, kStyle),
            "search from 100/s to 5,000/s, for 5.00 s");
  EXPECT_EQ(LoadText(open, kStyle), "1,000/s poisson, for 10.0 s");
  EXPECT_EQ(LoadText(closed, kStyle), "1 user, 200 iterations");
  EXPECT_EQ(LoadText(stages, kStyle), "to 100/s in 5.00 s");
  v1::Load sessions;
  sessions.set_sessions(1000);
  sessions.mutable_network()->mutable_latency()->set_nanos(400'000'000);
  sessions.mutable_network()->set_bytes_per_second(200'000);
  EXPECT_EQ(LoadText(sessions, kStyle),
            "1,000 sessions, over a network of 400 ms round trips and 195 "
            "KiB/s");
}

v1::Suite SampleSuite() {
  v1::Suite suite;
  suite.set_name("suites/checkout");
  suite.set_title("The way to the till");
  suite.add_tags("shop");
  v1::Test& test = *suite.add_tests();
  test.set_name("pay");
  test.add_calls()->set_method("shop.v1.Till/Pay");
  test.mutable_load()->set_users(5);
  test.add_expect("latency.p95 < 100ms");
  test.add_show("calls.ok / elapsed");
  test.add_targets("spawn");
  test.add_needs("redis");
  test.set_profile(v1::CPU);
  test.add_abort_on_fail("errors.rate < 50%");
  v1::BehaviorChange& change = *test.add_before()->mutable_behavior();
  change.set_target("targets/database");
  change.mutable_behavior()->set_capacity(3);
  return suite;
}

TEST(RenderSuiteTest, ShowsWhatItWouldDo) {
  const std::string text = RenderSuite(SampleSuite(), kStyle, 0);

  EXPECT_THAT(text, HasSubstr("checkout  The way to the till"));
  EXPECT_THAT(text, HasSubstr("call      shop.v1.Till/Pay"));
  EXPECT_THAT(text, HasSubstr("load      5 users"));
  EXPECT_THAT(text, HasSubstr("expect    latency.p95 < 100ms"));
  EXPECT_THAT(text, HasSubstr("show      calls.ok / elapsed"));
  EXPECT_THAT(text, HasSubstr("abort on  errors.rate < 50%"));
  EXPECT_THAT(text, HasSubstr("before    database: capacity 3"));
  EXPECT_THAT(text, HasSubstr("target    spawn"));
  EXPECT_THAT(text, HasSubstr("needs     redis"));
  EXPECT_THAT(text, HasSubstr("profile   cpu"));
}

TEST(RenderSuiteTest, ShowsMixesGroupsAndWhatTheyShare) {
  v1::Suite suite;
  suite.set_name("suites/shop");
  v1::Test& test = *suite.add_tests();
  test.set_name("both");
  v1::Group& group = *test.add_groups();
  group.set_name("buyers");
  group.set_mix(true);
  for (const char* name : {"look", "pay"}) {
    v1::Call& call = *group.add_calls();
    call.set_name(name);
    call.set_method("shop.v1.Till/Call");
  }
  group.mutable_calls(0)->set_weight(3);
  group.mutable_load()->set_users(7);
  test.set_warmup_auto(true);
  test.set_rounds(3);
  test.set_good("latency < 1s");

  const std::string text = RenderSuite(suite, kStyle, 0);

  EXPECT_THAT(text, HasSubstr("group     buyers\n"));
  EXPECT_THAT(text, HasSubstr("look      shop.v1.Till/Call, 75 %\n"));
  EXPECT_THAT(text, HasSubstr("pay       shop.v1.Till/Call, 25 %\n"));
  EXPECT_THAT(text, HasSubstr("load      7 users\n"));
  EXPECT_THAT(text, HasSubstr("all       once it is steady, 3 rounds\n"));
  EXPECT_THAT(text, HasSubstr("good      latency < 1s\n"));
}

TEST(RenderSuiteTest, ShowsHowACallIsMade) {
  v1::Suite suite = SampleSuite();
  EXPECT_THAT(RenderSuite(suite, kStyle, 0), Not(HasSubstr("made")));
  v1::Call& call = *suite.mutable_tests(0)->mutable_calls(0);
  call.mutable_retry()->set_attempts(3);
  call.mutable_retry()->add_status("ABORTED");
  call.mutable_retry()->mutable_backoff()->set_nanos(50'000'000);
  call.set_compression(v1::GZIP);
  call.mutable_messages()->set_count(1000);
  call.mutable_messages()->mutable_every()->set_seconds(1);
  call.mutable_messages()->set_chunk_bytes(65'536);
  call.mutable_read_delay()->set_nanos(500'000'000);

  EXPECT_THAT(
      RenderSuite(suite, kStyle, 0),
      HasSubstr("made      up to 3 attempts on ABORTED, the second "
                "after 50.0 ms; gzip; data 1,000 times, a message every "
                "1.00 s, chunks of 64.0 KiB; reads a message in 500 "
                "ms\n"));
}

TEST(RenderSuiteTest, WrapsWhatPeopleReadAndCutsData) {
  v1::Suite suite = SampleSuite();
  suite.set_doc("Says at length what all of this is about.");
  suite.mutable_tests(0)->set_doc("Pays for what lies in the cart.");
  suite.mutable_tests(0)->mutable_calls(0)->add_data(std::string(50, 'x'));

  const std::string text = RenderSuite(suite, kStyle, 40);

  EXPECT_THAT(text, HasSubstr("  Says at length what all of this is\n"
                              "  about.\n"));
  EXPECT_THAT(text, HasSubstr("                Pays for what lies in\n"
                              "                the cart.\n"));
  EXPECT_THAT(text, HasSubstr("data      xxxxxxxxxxxxxxxxxxxxxxx…\n"));
}

}  // namespace
}  // namespace perfrig
