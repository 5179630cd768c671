// What the processes of a test's targets use while its rounds are measured.
#ifndef PERFRIG_SERVER_RUNS_RESOURCE_METER_H_
#define PERFRIG_SERVER_RUNS_RESOURCE_METER_H_

#include <memory>
#include <optional>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/figures.pb.h"
#include "server/resources/sampler.h"

namespace perfrig::runs {

class ResourceMeter {
 public:
  // The processes that `look` looks at; `clock` outlives this.
  ResourceMeter(Clock& clock, resources::Sampler::Look look);

  // Just before the load of a round begins, its warm-up included.
  void BeforeLoad();
  // Before what is measured of it.
  void BeginRound();
  // Adds what was used from `measured_from` on, when the warm-up was over,
  // until now: observed values "resources.memory" and so on.
  void EndRound(Nanos measured_from, v1::Figures& figures);
  // Adds what only all rounds together tell.
  void AddGrowth(v1::Figures& pooled) const;

 private:
  Clock& clock_;
  const resources::Sampler::Look look_;
  std::unique_ptr<resources::Sampler> sampler_;
  // Before the load of the first round.
  std::optional<double> memory_before_;
  // Median memory of each round.
  std::vector<double> memory_medians_;
};

// The same, of samples: those of one round, from `measured_from` on.
void AddResources(const std::vector<resources::Sample>& samples,
                  Nanos measured_from, double memory_before,
                  v1::Figures& figures);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_RESOURCE_METER_H_
