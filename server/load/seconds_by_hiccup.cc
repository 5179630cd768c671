#include "server/load/seconds_by_hiccup.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace perfrig::load {
namespace {

constexpr double kLevelsPerOctave = 8;

// No threshold calls a second disturbed by less than 1 ms.
int LevelOf(Nanos hiccup) {
  if (hiccup <= kMillisecond) return 0;
  return static_cast<int>(
      std::ceil(kLevelsPerOctave *
                std::log2(static_cast<double>(hiccup) / kMillisecond)));
}

void MergeInto(v1::Histogram& sum, const Histogram& more) {
  if (more.count() == 0) return;
  Histogram merged = Histogram::FromProto(sum);
  merged.Merge(more);
  sum = merged.ToProto();
}

}  // namespace

void SecondsByHiccup::Add(const SecondTimes& second) {
  SecondsAlike& alike = by_level_[LevelOf(second.worst_hiccup)];
  ++alike.seconds;
  alike.worst_hiccup = std::max(alike.worst_hiccup, second.worst_hiccup);
  MergeInto(alike.latency, second.latency);
  MergeInto(alike.latency_all, second.latency_all);
  MergeInto(alike.service, second.service);
}

std::vector<SecondsAlike> SecondsByHiccup::Take() {
  std::vector<SecondsAlike> seconds;
  for (auto& [level, alike] : by_level_) seconds.push_back(std::move(alike));
  by_level_.clear();
  return seconds;
}

}  // namespace perfrig::load
