#include "server/metrics/run_counters.h"

#include <algorithm>
#include <utility>

namespace perfrig::metrics {
namespace {

// Tests that are not shown, whose counts are kept all the same: about 1 KB
// each.
constexpr std::size_t kMostResting = 1'000;

}  // namespace

CallCounts CallCounts::Of(const v1::Figures& figures) {
  CallCounts counts;
  counts.calls.insert(figures.statuses().begin(), figures.statuses().end());
  counts.late = figures.late();
  counts.dropped = figures.dropped();
  counts.unfinished = figures.unfinished();
  counts.latency.Add(figures.latency());
  counts.first_message.Add(figures.first_message());
  return counts;
}

void CallCounts::Add(const CallCounts& other) {
  for (const auto& [code, count] : other.calls) calls[code] += count;
  late += other.late;
  dropped += other.dropped;
  unfinished += other.unfinished;
  latency.Add(other.latency);
  first_message.Add(other.first_message);
}

void CallCounts::Raise(const CallCounts& other) {
  for (const auto& [code, count] : other.calls) {
    calls[code] = std::max(calls[code], count);
  }
  late = std::max(late, other.late);
  dropped = std::max(dropped, other.dropped);
  unfinished = std::max(unfinished, other.unfinished);
  latency.Raise(other.latency);
  first_message.Raise(other.first_message);
}

CallCounts RunCounters::Live::Total() const {
  CallCounts total = earlier;
  total.Add(now);
  return total;
}

void RunCounters::Update(const Scene& scene) {
  ++updates_;
  for (const auto& run : scene.finished) CountFinished(*run);
  if (scene.current != nullptr) CountFinished(*scene.current);
  CountLive(scene);
  ForgetRuns(scene);

  shown_.clear();
  for (const LatestTest& test : TestsShown(scene)) {
    Ended& ended = ended_[test.key];
    ended.shown_at = updates_;
    CallCounts& counts = shown_[test.key];
    counts = ended.counts;
    if (test.key == live_.test) counts.Add(live_.Total());
  }
  ForgetTests();
}

void RunCounters::CountFinished(const v1::Run& run) {
  std::set<TestKey>& counted = counted_[run.name()];
  for (const v1::SuiteResult& suite : run.suites()) {
    for (const v1::TestResult& test : suite.tests()) {
      if (test.state() != v1::FINISHED) continue;
      const TestKey key{ShortName(suite.suite().name()), test.test()};
      if (!counted.insert(key).second) continue;
      CallCounts result = CallCounts::Of(test.figures());
      if (live_.Is(run.name(), key)) {
        result.Raise(std::exchange(live_, {}).Total());
      }
      ended_[key].counts.Add(result);
      lag_.Add(test.figures().lag());
      hiccups_.Add(test.rig().hiccups());
    }
  }
}

void RunCounters::CountLive(const Scene& scene) {
  const v1::Snapshot* snapshot = scene.snapshot.get();
  // Between the last snapshot of a test and its result there is none.
  if (scene.current == nullptr || snapshot == nullptr) return;
  const std::string& run = scene.current->name();
  const TestKey test{ShortName(snapshot->suite()), snapshot->test()};
  if (counted_[run].contains(test)) return;
  if (!live_.Is(run, test)) {
    // Its result was forgotten before anybody looked.
    if (!live_.run.empty()) ended_[live_.test].counts.Add(live_.Total());
    live_ = {};
    live_.run = run;
    live_.test = test;
  } else if (live_.round != snapshot->round()) {
    live_.earlier.Add(live_.now);
  }
  live_.round = snapshot->round();
  live_.now = CallCounts::Of(snapshot->total());
}

void RunCounters::ForgetTests() {
  while (ended_.size() > shown_.size() + kMostResting) {
    ended_.erase(std::min_element(
        ended_.begin(), ended_.end(), [](const auto& a, const auto& b) {
          return a.second.shown_at < b.second.shown_at;
        }));
  }
}

void RunCounters::ForgetRuns(const Scene& scene) {
  std::set<std::string> kept;
  for (const auto& run : scene.finished) kept.insert(run->name());
  if (scene.current != nullptr) kept.insert(scene.current->name());
  std::erase_if(counted_,
                [&](const auto& entry) { return !kept.contains(entry.first); });
}

}  // namespace perfrig::metrics
