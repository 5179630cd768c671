#include "server/metrics/run_families.h"

#include <algorithm>
#include <set>
#include <string>

#include "google/protobuf/util/time_util.h"
#include "server/metrics/family.h"

namespace perfrig::metrics {
namespace {

using google::protobuf::util::TimeUtil;

constexpr char kVerdictHelp[] =
    "Verdict of a suite's last run: 1 SKIPPED, 2 PASS, 3 INCONCLUSIVE, "
    "4 INVALID, 5 FAIL, 6 CANCELLED, 7 ERROR.";

double Seconds(const google::protobuf::Timestamp& time) {
  return static_cast<double>(TimeUtil::TimestampToMilliseconds(time)) / 1e3;
}

// The verdict and end of each suite's last run.
void AddLastRuns(const Scene& scene, Family& time, Family& verdict) {
  std::set<std::string> seen;
  for (const auto& run : scene.finished) {
    for (const v1::SuiteResult& suite : run->suites()) {
      const std::string name = ShortName(suite.suite().name());
      if (!seen.insert(name).second) continue;
      time.Add({{"suite", name}}, Seconds(run->end_time()));
      verdict.Add({{"suite", name}}, suite.verdict());
    }
  }
}

void AddInfo(const v1::Run& run, double done, std::set<std::string>& progressed,
             Family& info, Family& progress) {
  const std::string id = run.name().substr(run.name().find('/') + 1);
  std::set<std::string> suites;
  for (const v1::SuiteResult& suite : run.suites()) {
    const std::string name = ShortName(suite.suite().name());
    if (!suites.insert(name).second) continue;
    info.Add({{"suite", name}, {"run", id}}, 1);
    if (!progressed.insert(name).second) continue;
    progress.Add({{"suite", name}}, done);
  }
}

}  // namespace

void AddRunFamilies(const Scene& scene,
                    std::vector<prometheus::MetricFamily>& families) {
  Family total = MakeCounter("perfrig_runs_total",
                             "Finished runs of a suite, by verdict.");
  for (const auto& [key, count] : scene.verdicts) {
    total.Add({{"suite", ShortName(key.first)},
               {"verdict", v1::Verdict_Name(key.second)}},
              static_cast<double>(count));
  }
  Family info = MakeGauge("perfrig_run_info", "The last runs, by suite.");
  Family progress = MakeGauge(
      "perfrig_run_progress_ratio",
      "Share of a suite's run that is done; 1 while none is at work.");
  std::set<std::string> progressed;
  if (scene.current != nullptr) {
    const double done = scene.snapshot != nullptr ? scene.snapshot->progress()
                                                  : scene.current->progress();
    AddInfo(*scene.current, done, progressed, info, progress);
  }
  const std::size_t runs = std::min(scene.finished.size(), kRunsShown);
  for (std::size_t i = 0; i < runs; ++i) {
    AddInfo(*scene.finished[i], 1, progressed, info, progress);
  }
  Family queued = MakeGauge("perfrig_runs_queued", "Runs that wait.");
  queued.Add({}, static_cast<double>(scene.queued));
  Family time = MakeGauge("perfrig_last_run_timestamp_seconds",
                          "When a suite's last run ended, Unix time.");
  Family verdict = MakeGauge("perfrig_last_run_verdict", kVerdictHelp);
  AddLastRuns(scene, time, verdict);
  for (Family* family : {&total, &info, &progress, &queued, &time, &verdict}) {
    family->MoveTo(families);
  }
}

void AddRigFamilies(const Scene& scene, const RunCounters& counters,
                    std::vector<prometheus::MetricFamily>& families) {
  Family lag = MakeHistogram("perfrig_rig_lag_seconds",
                             "How long after plan calls were sent.");
  lag.Add({}, counters.lag());
  Family hiccups =
      MakeHistogram("perfrig_rig_hiccup_seconds",
                    "By how much a thread that sleeps 1 ms overslept.");
  hiccups.Add({}, counters.hiccups());
  double cpu = 0;
  for (const LatestTest& test : TestsShown(scene)) {
    if (test.result == nullptr) continue;
    cpu = test.result->rig().lane_cpu();
    break;
  }
  Family ratio = MakeGauge("perfrig_rig_cpu_ratio",
                           "Highest share of a core that one lane used, in "
                           "the last finished test.");
  ratio.Add({}, cpu);
  lag.MoveTo(families);
  hiccups.MoveTo(families);
  ratio.MoveTo(families);
}

}  // namespace perfrig::metrics
