// The daemon as Prometheus sees it, made anew at each scrape.
#ifndef PERFRIG_SERVER_METRICS_METRICS_H_
#define PERFRIG_SERVER_METRICS_METRICS_H_

#include <functional>
#include <string>

#include "common/sync/mutex.h"
#include "server/metrics/run_counters.h"
#include "server/metrics/scene.h"

namespace perfrig::metrics {

// Thread-safe.
class Metrics {
 public:
  // `look` is called at each scrape; it never waits for the load path.
  Metrics(std::function<Scene()> look, std::string version);

  // All families in Prometheus's text format 0.0.4.
  std::string Text();

 private:
  const std::function<Scene()> look_;
  const std::string version_;
  Mutex mutex_;
  RunCounters counters_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::metrics

#endif  // PERFRIG_SERVER_METRICS_METRICS_H_
