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

// What is counted of a test's calls.
struct CallCounts {
  // By gRPC status name.
  std::map<std::string, std::uint64_t> calls;
  std::uint64_t late = 0;
  std::uint64_t dropped = 0;
  std::uint64_t unfinished = 0;
  BucketCounts latency{LatencyBounds()};
  BucketCounts first_message{LatencyBounds()};

  static CallCounts Of(const v1::Figures& figures);
  void Add(const CallCounts& other);
  // Each count becomes the larger of the two.
  void Raise(const CallCounts& other);
};

// Each finished test is counted once. A test at work counts by its snapshots,
// round after round; what they showed stays counted where the result has less
// of it, because the test was broken off.
class RunCounters {
 public:
  // Takes over what is new in the scene.
  void Update(const Scene& scene);

  // Tests as TestsShown gives them. One that is shown again goes on from where
  // it was, as long as it is among the last 1,000 that were not.
  const std::map<TestKey, CallCounts>& tests() const { return shown_; }
  // Over all tests since the start.
  const BucketCounts& lag() const { return lag_; }
  const BucketCounts& hiccups() const { return hiccups_; }

 private:
  // Of tests that have ended.
  struct Ended {
    CallCounts counts;
    // Number of the last Update that showed it.
    std::uint64_t shown_at = 0;
  };

  // The test at work: counts of its earlier rounds, and of this one.
  struct Live {
    std::string run;
    TestKey test;
    std::uint32_t round = 0;
    CallCounts earlier;
    CallCounts now;

    [[nodiscard]] bool Is(const std::string& name, const TestKey& key) const {
      return run == name && test == key;
    }
    [[nodiscard]] CallCounts Total() const;
  };

  void CountFinished(const v1::Run& run);
  void CountLive(const Scene& scene);
  void ForgetRuns(const Scene& scene);
  void ForgetTests();

  std::map<TestKey, CallCounts> shown_;
  std::map<TestKey, Ended> ended_;
  // Tests that have been counted, by run; of runs that are still kept.
  std::map<std::string, std::set<TestKey>> counted_;
  Live live_;
  std::uint64_t updates_ = 0;
  BucketCounts lag_{ErrorBounds()};
  BucketCounts hiccups_{ErrorBounds()};
};

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_RUN_COUNTERS_H_
