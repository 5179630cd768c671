// What the metrics are made from: the daemon at one moment.
#ifndef PERFRIG_SERVER_METRICS_SCENE_H_
#define PERFRIG_SERVER_METRICS_SCENE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "perfrig/v1/run.pb.h"
#include "perfrig/v1/target.pb.h"

namespace perfrig::metrics {

// Tests of this many finished runs carry every family …
inline constexpr std::size_t kRunsShown = 20;
// … but no more tests than this, the newest first.
inline constexpr std::size_t kTestsShown = 150;

struct Scene {
  // All that are kept, newest first.
  std::vector<std::shared_ptr<const v1::Run>> finished;
  // At work; null if none.
  std::shared_ptr<const v1::Run> current;
  // Of the run at work, its total with histograms; null before its first
  // second.
  std::shared_ptr<const v1::Snapshot> snapshot;
  std::size_t queued = 0;
  // Since the start, by suite and verdict.
  std::map<std::pair<std::string, v1::Verdict>, std::uint64_t> verdicts;
  // Their statistics since the start of the daemon, with histograms.
  std::vector<v1::Target> targets;
};

// A test of a suite, both without "suites/".
struct TestKey {
  std::string suite;
  std::string test;
  auto operator<=>(const TestKey&) const = default;
};

// "x" of "suites/x".
std::string ShortName(const std::string& suite);

// The latest that is known of a test.
struct LatestTest {
  TestKey key;
  // Null while it is at work for the first time.
  const v1::TestResult* result = nullptr;
  // Set while it is at work.
  const v1::Snapshot* snapshot = nullptr;
};

// The tests that carry every family, each once, the newest first. Pointers
// are into the scene.
std::vector<LatestTest> TestsShown(const Scene& scene);

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_SCENE_H_
