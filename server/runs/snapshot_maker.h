// What a watcher is told of a round, second by second.
#ifndef PERFRIG_SERVER_RUNS_SNAPSHOT_MAKER_H_
#define PERFRIG_SERVER_RUNS_SNAPSHOT_MAKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/run.pb.h"
#include "perfrig/v1/suite.pb.h"
#include "server/load/generator.h"
#include "server/load/tally.h"

namespace perfrig::runs {

// For one round.
class SnapshotMaker {
 public:
  // `round` is 0-based. `observed` names the observed metrics and outlives
  // this.
  SnapshotMaker(const v1::Suite& suite, const v1::Test& test,
                std::uint32_t round, const std::vector<std::string>& observed);

  // The second's figures, and those of the round so far, these with
  // histograms. Without progress.
  const v1::Snapshot& Make(const load::Second& second);

 private:
  const std::vector<std::string>& observed_;
  const Nanos warmup_;
  load::Tally total_;
  v1::Snapshot snapshot_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_SNAPSHOT_MAKER_H_
