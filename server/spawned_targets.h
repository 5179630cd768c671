// Fresh processes of this same program that host nothing but mock targets.
#ifndef PERFRIG_SERVER_SPAWNED_TARGETS_H_
#define PERFRIG_SERVER_SPAWNED_TARGETS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/process/child_process.h"
#include "server/config.h"
#include "server/runs/ports.h"

namespace perfrig {

// The environment of such a process, as "NAME=value": `variables`, but of the
// daemon's own options only those that its targets need, as `config` has them.
// What may be secret does not stand on its command line.
std::vector<std::string> EnvironmentOfSpawned(
    const Config& config, std::map<std::string, std::string> variables);

class SpawnedTargets final : public runs::SpawnedTargets {
 public:
  // `count` of them, which behave as the targets of a daemon with `config`.
  // UNAVAILABLE with the end of its log where one does not start; CANCELLED
  // soon after `stop` is requested.
  static absl::StatusOr<std::unique_ptr<SpawnedTargets>> Start(
      const Config& config, std::size_t count, const std::stop_token& stop);
  // Ends them all, and waits for it.
  ~SpawnedTargets() override;

  const std::vector<std::string>& addresses() const override {
    return addresses_;
  }
  std::vector<pid_t> processes() const override;
  absl::Status BeginProfile() override;
  absl::StatusOr<std::vector<std::string>> EndProfile() override;
  absl::Status Check() const override;

 private:
  SpawnedTargets() = default;

  std::vector<std::unique_ptr<ChildProcess>> children_;
  std::vector<std::string> addresses_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_SPAWNED_TARGETS_H_
