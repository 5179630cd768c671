#include "server/runs/snapshot_maker.h"

#include <algorithm>

#include "google/protobuf/util/time_util.h"
#include "server/load/figures.h"

namespace perfrig::runs {

using google::protobuf::util::TimeUtil;

SnapshotMaker::SnapshotMaker(const v1::Suite& suite, const v1::Test& test,
                             std::uint32_t round,
                             const std::vector<std::string>& observed)
    : observed_(observed),
      warmup_(TimeUtil::DurationToNanoseconds(test.warmup())),
      total_(observed.size()) {
  snapshot_.set_suite(suite.name());
  snapshot_.set_test(test.name());
  snapshot_.set_round(round + 1);
}

const v1::Snapshot& SnapshotMaker::Make(const load::Second& second) {
  if (!second.warmup) total_.Merge(second.tally);
  *snapshot_.mutable_elapsed() =
      TimeUtil::NanosecondsToDuration(second.elapsed);
  snapshot_.set_warmup(second.warmup);
  *snapshot_.mutable_window() =
      load::ToFigures(second.tally, kSecond, /*ends_by_count=*/false, observed_,
                      /*with_histograms=*/false);
  *snapshot_.mutable_total() =
      load::ToFigures(total_, std::max<Nanos>(1, second.elapsed - warmup_),
                      /*ends_by_count=*/false, observed_,
                      /*with_histograms=*/true);
  snapshot_.set_in_flight(second.in_flight);
  snapshot_.set_users(second.users);
  snapshot_.set_planned_rate(second.planned_rate);
  snapshot_.set_worst_hiccup_ns(
      static_cast<std::uint64_t>(second.worst_hiccup));
  return snapshot_;
}

}  // namespace perfrig::runs
