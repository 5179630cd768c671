// The mock targets, served on a port of their own: a part of each daemon, and
// all that a process does that was started for them (--targets-only).
#ifndef PERFRIG_SERVER_HOSTED_TARGETS_H_
#define PERFRIG_SERVER_HOSTED_TARGETS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/address.h"
#include "server/api/targets_api.h"
#include "server/config.h"
#include "server/daemon_port.h"
#include "server/targets/host.h"

namespace perfrig {

class HostedTargets {
 public:
  // Serves when it returns. UNAVAILABLE naming flag and address where the port
  // is taken, INVALID_ARGUMENT where the targets cannot behave as `config`
  // says. `clock` is the machine's, and outlives this.
  static absl::StatusOr<std::unique_ptr<HostedTargets>> Start(
      Clock& clock, const Config& config);
  // Ends at once what Shutdown has not.
  ~HostedTargets();

  targets::Host& host() { return host_; }
  // For others who look after the same targets.
  DelayQueue& delays() { return delays_; }
  // As bound.
  const HostPort& address() const { return port_->address(); }

  // Health says NOT_SERVING from now on; calls are still taken.
  void AnnounceEnd() { port_->AnnounceEnd(); }
  // Ends calls that wait, and gives those in flight until `deadline`.
  void Shutdown(absl::Time deadline);

 private:
  HostedTargets(Clock& clock, targets::HostOptions options);

  absl::Status Serve(const std::string& address);

  Clock& clock_;
  SystemDelayQueue delays_;
  targets::Host host_;
  // Outlives its port.
  api::TargetsApi api_;
  std::unique_ptr<DaemonPort> port_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_HOSTED_TARGETS_H_
