#include "server/load/samples.h"

#include <algorithm>

#include "common/strings/phases.h"

namespace perfrig::load {
void Samples::Fill(const SampledCall& call, Kept& kept) {
  kept.sequence = call.sequence;
  kept.step = call.step;
  kept.at = call.at;
  kept.latency = call.latency;
  kept.service = call.service;
  kept.status = call.status;
  kept.message.assign(call.message);
  kept.phases_text.assign(call.phases);
}

void Samples::AddSlow(const SampledCall& call) {
  if (slowest_.size() < kKept) {
    slowest_.emplace_back();
  } else {
    std::pop_heap(slowest_.begin(), slowest_.end(), Slower);
  }
  Fill(call, slowest_.back());
  std::push_heap(slowest_.begin(), slowest_.end(), Slower);
}

void Samples::AddFailed(const SampledCall& call) {
  Fill(call, failed_.emplace_back());
}

void Samples::Merge(const Samples& other) {
  slowest_.insert(slowest_.end(), other.slowest_.begin(), other.slowest_.end());
  std::sort(slowest_.begin(), slowest_.end(), Slower);
  if (slowest_.size() > kKept) slowest_.resize(kKept);
  std::make_heap(slowest_.begin(), slowest_.end(), Slower);
  failed_.insert(failed_.end(), other.failed_.begin(), other.failed_.end());
  std::stable_sort(failed_.begin(), failed_.end(), Earlier);
  if (failed_.size() > kKept) failed_.resize(kKept);
}

std::vector<Sample> Samples::Read(const std::vector<Kept>& all) {
  std::vector<Sample> samples;
  for (const Kept& kept : all) {
    Sample& sample = samples.emplace_back(kept);
    sample.phases = ParsePhases(kept.phases_text);
  }
  return samples;
}

std::vector<Sample> Samples::slowest() const {
  std::vector<Kept> sorted = slowest_;
  std::sort(sorted.begin(), sorted.end(), Slower);
  return Read(sorted);
}

std::vector<Sample> Samples::failed() const {
  std::vector<Kept> sorted = failed_;
  std::stable_sort(sorted.begin(), sorted.end(), Earlier);
  return Read(sorted);
}

}  // namespace perfrig::load
