// The targets of one test, as its calls reach them.
#ifndef PERFRIG_SERVER_RUNS_REACHED_TARGETS_H_
#define PERFRIG_SERVER_RUNS_REACHED_TARGETS_H_

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/runs/ports.h"

namespace perfrig::runs {

struct ReachedTargets {
  // In the order in which calls take turns.
  std::vector<std::string> addresses;
  // Processes among them, which end with this; null: none.
  std::unique_ptr<SpawnedTargets> spawned;
  // Some, and all, of them are this daemon's own.
  bool some_self = false;
  bool self = false;
  // All of them are this daemon's own, or processes that it has spawned.
  bool own = false;
};

// Resolves them, and spawns as many processes as `targets` says.
absl::StatusOr<ReachedTargets> Reach(const std::vector<std::string>& targets,
                                     TargetAccess& access,
                                     const std::stop_token& stop);

// Of its targets that are this daemon's own or spawned.
std::vector<pid_t> ProcessesOf(const ReachedTargets& targets);

// The mock targets of all of them as one: a change or a reset goes to each,
// and what they tell of a target is added up. FAILED_PRECONDITION naming an
// address that hosts no mock targets.
absl::StatusOr<std::unique_ptr<TargetControl>> ControlOfAll(
    const ReachedTargets& targets, TargetAccess& access,
    const std::stop_token& stop);

// Adds what another process tells of the same target.
void AddTarget(const v1::Target& more, v1::Target& sum);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_REACHED_TARGETS_H_
