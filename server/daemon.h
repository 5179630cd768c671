// The whole daemon: builds every part, serves, drains.
//
//   auto daemon = Daemon::Start(clock, config);
//   … (*daemon)->control_address() …
//   (*daemon)->Drain(absl::Seconds(30));
#ifndef PERFRIG_SERVER_DAEMON_H_
#define PERFRIG_SERVER_DAEMON_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "common/sync/workers.h"
#include "common/time/clock.h"
#include "server/access.h"
#include "server/api/rig_api.h"
#include "server/api/runs_api.h"
#include "server/api/suites_api.h"
#include "server/api/targets_api.h"
#include "server/config.h"
#include "server/daemon_port.h"
#include "server/drivers/local/local_function.h"
#include "server/hosted_targets.h"
#include "server/load/generator.h"
#include "server/metrics/metrics.h"
#include "server/runs/runs.h"
#include "server/suites/catalog.h"
#include "server/web/http_server.h"

namespace perfrig {

class Daemon {
 public:
  // Serves on all three ports when it returns. UNAVAILABLE naming flag and
  // address where a port is taken, INVALID_ARGUMENT where the targets cannot
  // behave as `config` says. `clock` is the machine's, and outlives the
  // daemon.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(Clock& clock,
                                                       Config config);
  // Ends at once what Drain has not.
  ~Daemon();

  // "host:port" as bound.
  std::string control_address() const;
  std::string http_address() const;
  std::string target_address() const;

  // Takes no new runs, gives those at work and in the queue up to `timeout`,
  // cancels what is left, and stops serving once watchers have been told.
  void Drain(absl::Duration timeout);

 private:
  Daemon(Clock& clock, Config config, std::unique_ptr<HostedTargets> targets);

  absl::Status ServeControl();
  absl::Status ServeHttp();
  // What GetStatus tells of addresses, host and version.
  void KeepFacts();
  metrics::Scene Look();

  // In the order in which each needs those before it.
  Clock& clock_;
  const Config config_;
  const std::unique_ptr<HostedTargets> targets_;
  const drivers::LocalFunctions local_functions_;
  suites::Catalog catalog_;
  Workers workers_;
  load::Generator generator_;
  std::atomic<bool> draining_ = false;
  Mutex facts_mutex_;
  v1::Status facts_ PERFRIG_GUARDED_BY(facts_mutex_);

  std::unique_ptr<Access> access_;
  std::unique_ptr<runs::Runs> runs_;

  // Services outlive their port.
  std::unique_ptr<api::SuitesApi> suites_api_;
  std::unique_ptr<api::RunsApi> runs_api_;
  std::unique_ptr<api::TargetsApi> targets_api_;
  std::unique_ptr<api::RigApi> rig_api_;
  std::unique_ptr<DaemonPort> control_port_;

  HostPort http_address_;
  std::unique_ptr<metrics::Metrics> metrics_;
  std::unique_ptr<web::HttpServer> http_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_DAEMON_H_
