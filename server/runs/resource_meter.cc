#include "server/runs/resource_meter.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "server/load/figures.h"
#include "server/load/number_summary.h"

namespace perfrig::runs {
namespace {

using resources::Sample;
using resources::Usage;

// The last one counts as measured, however short the round was.
std::size_t FirstMeasured(const std::vector<Sample>& samples,
                          Nanos measured_from) {
  for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
    if (samples[i].time >= measured_from) return i;
  }
  return samples.size() - 1;
}

double MedianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

class Resources {
 public:
  void Record(const char* name, double value) { all_[name].Record(value); }

  // What was counted between two samples; less than nothing where a process
  // has gone.
  void RecordMore(const char* name, std::optional<double> before,
                  std::optional<double> after) {
    if (before && after) Record(name, std::max(0.0, *after - *before));
  }

  void AddTo(v1::Figures& figures) const {
    for (const auto& [name, summary] : all_) {
      (*figures.mutable_observed())["resources." + name] =
          load::ToObserved(summary);
    }
  }

 private:
  std::map<std::string, load::NumberSummary> all_;
};

void RecordBetween(const Sample& before, const Sample& after, Resources& all) {
  const Nanos time = after.time - before.time;
  if (time > 0) {
    const Nanos cpu = std::max<Nanos>(0, after.usage.cpu - before.usage.cpu);
    all.Record("cpu", static_cast<double>(cpu) / static_cast<double>(time));
  }
  all.RecordMore("disk_read", before.usage.disk_read, after.usage.disk_read);
  all.RecordMore("disk_written", before.usage.disk_written,
                 after.usage.disk_written);
}

}  // namespace

void AddResources(const std::vector<Sample>& samples, Nanos measured_from,
                  double memory_before, v1::Figures& figures) {
  if (samples.empty()) return;
  Resources all;
  for (std::size_t i = FirstMeasured(samples, measured_from);
       i < samples.size(); ++i) {
    const Usage& usage = samples[i].usage;
    all.Record("memory", usage.memory);
    all.Record("memory_more", usage.memory - memory_before);
    all.Record("files", usage.files);
    all.Record("threads", usage.threads);
    if (i > 0) RecordBetween(samples[i - 1], samples[i], all);
  }
  all.AddTo(figures);
}

ResourceMeter::ResourceMeter(Clock& clock, resources::Sampler::Look look)
    : clock_(clock), look_(std::move(look)) {}

void ResourceMeter::BeforeLoad() {
  if (memory_before_) return;
  if (const auto usage = look_()) memory_before_ = usage->memory;
}

void ResourceMeter::BeginRound() {
  sampler_ = std::make_unique<resources::Sampler>(clock_, look_);
}

void ResourceMeter::EndRound(Nanos measured_from, v1::Figures& figures) {
  const std::vector<Sample> samples = sampler_->Stop();
  sampler_ = nullptr;
  if (samples.empty()) return;
  AddResources(samples, measured_from, memory_before_.value_or(0), figures);
  std::vector<double> memory;
  for (std::size_t i = FirstMeasured(samples, measured_from);
       i < samples.size(); ++i) {
    memory.push_back(samples[i].usage.memory);
  }
  memory_medians_.push_back(MedianOf(std::move(memory)));
}

void ResourceMeter::AddGrowth(v1::Figures& pooled) const {
  // One round grows over nothing.
  if (memory_medians_.size() < 2) return;
  load::NumberSummary growth;
  growth.Record(memory_medians_.back() - memory_medians_.front());
  (*pooled.mutable_observed())["resources.memory_growth"] =
      load::ToObserved(growth);
}

}  // namespace perfrig::runs
