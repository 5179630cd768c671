#include "server/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "server/metrics/process_families.h"
#include "server/metrics/run_families.h"
#include "server/metrics/target_families.h"

namespace perfrig::metrics {

Metrics::Metrics(std::function<Scene()> look, std::string version)
    : look_(std::move(look)), version_(std::move(version)) {}

std::string Metrics::Text() {
  std::vector<prometheus::MetricFamily> families;
  {
    MutexLock lock(mutex_);
    const Scene scene = look_();
    counters_.Update(scene);
    AddTestFamilies(scene, counters_, families);
    AddThresholdFamilies(scene, families);
    AddRunFamilies(scene, families);
    AddRigFamilies(scene, counters_, families);
    AddTargetFamilies(scene.targets, families);
  }
  AddBuildFamily(version_, families);
  AddProcessFamilies(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace perfrig::metrics
