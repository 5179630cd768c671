// Looks ten times a second at what processes use.
//
//   Sampler sampler(clock, [&] { return UsageOf(processes); });
//   …
//   for (const Sample& sample : sampler.Stop()) …
#ifndef PERFRIG_SERVER_RESOURCES_SAMPLER_H_
#define PERFRIG_SERVER_RESOURCES_SAMPLER_H_

#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "server/resources/usage.h"

namespace perfrig::resources {

struct Sample {
  Nanos time = 0;
  Usage usage;
};

class Sampler {
 public:
  using Look = std::function<std::optional<Usage>()>;

  // The first sample is taken before this returns. `clock` outlives this;
  // `look` is called on a thread of its own; what gives nothing is no sample.
  Sampler(Clock& clock, Look look);
  ~Sampler();

  // Takes a last sample; all of them, in order. Once.
  std::vector<Sample> Stop();

 private:
  void Run();
  void Take();

  Clock& clock_;
  const Look look_;
  // Of the thread, until it has ended.
  std::vector<Sample> samples_;
  Mutex mutex_;
  CondVar stopped_changed_;
  bool stopped_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig::resources

#endif  // PERFRIG_SERVER_RESOURCES_SAMPLER_H_
