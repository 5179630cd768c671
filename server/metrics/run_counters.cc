#include "server/metrics/run_counters.h"

#include <algorithm>

namespace perfrig::metrics {

CallCounts CallCounts::Of(const v1::Figures& figures) {
  CallCounts counts;
  counts.calls.insert(figures.statuses().begin(), figures.statuses().end());
  counts.late = figures.late();
  counts.dropped = figures.dropped();
  counts.unfinished = figures.unfinished();
  return counts;
}

void CallCounts::Add(const CallCounts& other) {
  for (const auto& [code, count] : other.calls) calls[code] += count;
  late += other.late;
  dropped += other.dropped;
  unfinished += other.unfinished;
}

void CallCounts::Raise(const CallCounts& other) {
  for (const auto& [code, count] : other.calls) {
    calls[code] = std::max(calls[code], count);
  }
  late = std::max(late, other.late);
  dropped = std::max(dropped, other.dropped);
  unfinished = std::max(unfinished, other.unfinished);
}

void RunCounters::Update(const Scene& scene) {
  for (const auto& run : scene.finished) CountFinished(*run);
  if (scene.current != nullptr) CountFinished(*scene.current);
  CountLive(scene);
  ForgetRuns(scene);

  std::set<TestKey> shown;
  for (const LatestTest& test : TestsShown(scene)) {
    shown.insert(test.key);
    tests_.try_emplace(test.key);
  }
  std::erase_if(
      tests_, [&](const auto& entry) { return !shown.contains(entry.first); });
  for (auto& [key, counts] : tests_) {
    CallCounts total = counts.finished;
    if (key == live_.test) {
      total.Add(live_.earlier);
      total.Add(live_.now);
    }
    counts.shown.Raise(total);
  }
}

void RunCounters::CountFinished(const v1::Run& run) {
  std::set<TestKey>& counted = counted_[run.name()];
  for (const v1::SuiteResult& suite : run.suites()) {
    for (const v1::TestResult& test : suite.tests()) {
      if (test.state() != v1::FINISHED) continue;
      const TestKey key{ShortName(suite.suite().name()), test.test()};
      if (!counted.insert(key).second) continue;
      TestCounts& counts = tests_[key];
      counts.finished.Add(CallCounts::Of(test.figures()));
      counts.latency.Add(test.figures().latency());
      counts.first_message.Add(test.figures().first_message());
      lag_.Add(test.figures().lag());
      hiccups_.Add(test.rig().hiccups());
    }
  }
}

void RunCounters::CountLive(const Scene& scene) {
  const v1::Snapshot* snapshot = scene.snapshot.get();
  if (scene.current == nullptr || snapshot == nullptr) {
    live_ = {};
    return;
  }
  const std::string& run = scene.current->name();
  const TestKey test{ShortName(snapshot->suite()), snapshot->test()};
  if (counted_[run].contains(test)) {
    live_ = {};
    return;
  }
  if (live_.run != run || live_.test != test) {
    live_ = {};
    live_.run = run;
    live_.test = test;
  } else if (live_.round != snapshot->round()) {
    live_.earlier.Add(live_.now);
  }
  live_.round = snapshot->round();
  live_.now = CallCounts::Of(snapshot->total());
}

void RunCounters::ForgetRuns(const Scene& scene) {
  std::set<std::string> kept;
  for (const auto& run : scene.finished) kept.insert(run->name());
  if (scene.current != nullptr) kept.insert(scene.current->name());
  std::erase_if(counted_,
                [&](const auto& entry) { return !kept.contains(entry.first); });
}

}  // namespace perfrig::metrics
