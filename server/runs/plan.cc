#include "server/runs/plan.h"

#include <map>

#include "common/suites/planned_time.h"
#include "google/protobuf/util/time_util.h"
#include "server/runs/run_order.h"
#include "server/suites/secrets.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

google::protobuf::Timestamp ToProto(absl::Time time) {
  return TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

}  // namespace

v1::Run PlanOf(const std::vector<SelectedSuite>& selected,
               std::uint64_t shuffle_seed, absl::Time begin,
               const WhyLacking& lacking) {
  const auto skipped = SkippedTests(selected, lacking);
  v1::Run plan;
  *plan.mutable_create_time() = ToProto(begin);
  std::map<const SelectedSuite*, v1::SuiteResult*> suites;
  absl::Time now = begin;
  for (const Turn& turn : OrderOf(selected, shuffle_seed)) {
    v1::SuiteResult*& suite = suites[turn.chosen];
    if (suite == nullptr) {
      suite = plan.add_suites();
      *suite->mutable_suite() = suites::WithoutSecrets(turn.chosen->suite);
    }
    v1::TestResult& test = *suite->add_tests();
    test.set_test(turn.test->name());
    test.set_needed_by_other(turn.chosen->needed.contains(turn.test->name()));
    *test.mutable_start_time() = ToProto(now);
    const auto skip =
        skipped.find({turn.chosen->suite.name(), turn.test->name()});
    if (skip != skipped.end()) {
      test.set_verdict(v1::SKIPPED);
      test.set_reason(skip->second);
    } else {
      now += absl::Nanoseconds(ExpectedTime(*turn.test));
    }
    *test.mutable_end_time() = ToProto(now);
  }
  *plan.mutable_remaining() =
      TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(now - begin));
  return plan;
}

}  // namespace perfrig::runs
