// Counts that only ever grow, gathered from runs that come, finish and are
// forgotten.
#ifndef PERFRIG_SERVER_METRICS_RUN_COUNTERS_H_
#define PERFRIG_SERVER_METRICS_RUN_COUNTERS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "server/metrics/buckets.h"
#include "server/metrics/scene.h"

namespace perfrig::metrics {

// Plain counts of a test.
struct CallCounts {
  // By gRPC status name.
  std::map<std::string, std::uint64_t> calls;
  std::uint64_t late = 0;
  std::uint64_t dropped = 0;
  std::uint64_t unfinished = 0;

  static CallCounts Of(const v1::Figures& figures);
  void Add(const CallCounts& other);
  // Each count becomes the larger of the two.
  void Raise(const CallCounts& other);
};

struct TestCounts {
  // What was last published: never less than before.
  CallCounts shown;
  BucketCounts latency{LatencyBounds()};
  BucketCounts first_message{LatencyBounds()};

  // Of finished tests.
  CallCounts finished;
};

// Each finished test is counted once. A test at work counts by its snapshots,
// round after round; its buckets follow when it has finished.
class RunCounters {
 public:
  // Takes over what is new in the scene.
  void Update(const Scene& scene);

  // Tests as TestsShown gives them; others are forgotten.
  const std::map<TestKey, TestCounts>& tests() const { return tests_; }
  // Over all tests since the start.
  const BucketCounts& lag() const { return lag_; }
  const BucketCounts& hiccups() const { return hiccups_; }

 private:
  // The test at work: counts of its earlier rounds, and of this one.
  struct Live {
    std::string run;
    TestKey test;
    std::uint32_t round = 0;
    CallCounts earlier;
    CallCounts now;
  };

  void CountFinished(const v1::Run& run);
  void CountLive(const Scene& scene);
  void ForgetRuns(const Scene& scene);

  std::map<TestKey, TestCounts> tests_;
  // Tests that have been counted, by run; of runs that are still kept.
  std::map<std::string, std::set<TestKey>> counted_;
  Live live_;
  BucketCounts lag_{ErrorBounds()};
  BucketCounts hiccups_{ErrorBounds()};
};

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_RUN_COUNTERS_H_
