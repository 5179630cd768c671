#include "server/runs/reached_targets.h"

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/stats/histogram.h"
#include "common/status/macros.h"
#include "server/suites/test_targets.h"

namespace perfrig::runs {
namespace {

class ControlOfSeveral final : public TargetControl {
 public:
  explicit ControlOfSeveral(std::vector<std::unique_ptr<TargetControl>> all)
      : all_(std::move(all)) {}

  absl::StatusOr<std::vector<v1::Target>> List() override {
    std::map<std::string, v1::Target> sums;
    for (const auto& each : all_) {
      ASSIGN_OR_RETURN(const auto targets, each->List());
      for (const v1::Target& target : targets) {
        const auto [sum, first] = sums.emplace(target.name(), target);
        if (!first) AddTarget(target, sum->second);
      }
    }
    std::vector<v1::Target> targets;
    for (auto& [name, target] : sums) targets.push_back(std::move(target));
    return targets;
  }

  // One that fails keeps the others from nothing.
  absl::Status Reset() override {
    absl::Status all;
    for (const auto& each : all_) all.Update(each->Reset());
    return all;
  }

  absl::Status Update(const v1::BehaviorChange& change) override {
    for (const auto& each : all_) RETURN_IF_ERROR(each->Update(change));
    return absl::OkStatus();
  }

 private:
  const std::vector<std::unique_ptr<TargetControl>> all_;
};

void AddDistribution(const v1::Distribution& more, v1::Distribution& sum) {
  if (more.count() == 0) return;
  Histogram both = Histogram::FromProto(sum.histogram());
  both.Merge(Histogram::FromProto(more.histogram()));
  sum = ToDistribution(both, true);
}

void AddCounts(const google::protobuf::Map<std::string, std::uint64_t>& more,
               google::protobuf::Map<std::string, std::uint64_t>& sum) {
  for (const auto& [name, count] : more) sum[name] += count;
}

// Numbers are added up; of the rest the first one's stands.
void AddState(const google::protobuf::Struct& more,
              google::protobuf::Struct& sum) {
  for (const auto& [name, value] : more.fields()) {
    const auto found = sum.mutable_fields()->find(name);
    if (found == sum.mutable_fields()->end()) {
      (*sum.mutable_fields())[name] = value;
    } else if (value.has_struct_value() && found->second.has_struct_value()) {
      AddState(value.struct_value(), *found->second.mutable_struct_value());
    } else if (value.has_number_value() && found->second.has_number_value()) {
      found->second.set_number_value(found->second.number_value() +
                                     value.number_value());
    }
  }
}

void AddStatistics(const v1::TargetStatistics& more,
                   v1::TargetStatistics& sum) {
  sum.set_started(sum.started() + more.started());
  AddCounts(more.finished(), *sum.mutable_finished());
  sum.set_in_flight(sum.in_flight() + more.in_flight());
  sum.set_waiting(sum.waiting() + more.waiting());
  AddCounts(more.faults(), *sum.mutable_faults());
  AddDistribution(more.injected(), *sum.mutable_injected());
  AddDistribution(more.lateness(), *sum.mutable_lateness());
  for (const auto& [phase, times] : more.phases()) {
    AddDistribution(times, (*sum.mutable_phases())[phase]);
  }
  if (more.has_pool()) {
    v1::PoolStatistics& pool = *sum.mutable_pool();
    pool.set_connections(pool.connections() + more.pool().connections());
    pool.set_capacity(pool.capacity() + more.pool().capacity());
    pool.set_waiting(pool.waiting() + more.pool().waiting());
  }
  if (more.has_cache()) {
    v1::CacheStatistics& cache = *sum.mutable_cache();
    cache.set_hits(cache.hits() + more.cache().hits());
    cache.set_misses(cache.misses() + more.cache().misses());
    cache.set_bytes(cache.bytes() + more.cache().bytes());
  }
  if (more.has_sessions_open()) {
    sum.set_sessions_open(sum.sessions_open() + more.sessions_open());
  }
  if (more.has_tokens()) sum.set_tokens(sum.tokens() + more.tokens());
}

}  // namespace

absl::StatusOr<ReachedTargets> Reach(const std::vector<std::string>& targets,
                                     TargetAccess& access,
                                     const std::stop_token& stop) {
  ReachedTargets reached;
  reached.own = suites::AreOwn(targets);
  reached.self = true;
  std::size_t spawned = 0;
  for (const std::string& target : targets) {
    ASSIGN_OR_RETURN(std::string address, access.Resolve(target, stop));
    reached.addresses.push_back(std::move(address));
    reached.self = reached.self && target == suites::kSelf;
    reached.some_self = reached.some_self || target == suites::kSelf;
    if (target == suites::kSpawn) ++spawned;
  }
  if (spawned == 0) return reached;
  ASSIGN_OR_RETURN(reached.spawned, access.Spawn(spawned, stop));
  auto next = reached.spawned->addresses().begin();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] == suites::kSpawn) reached.addresses[i] = *next++;
  }
  return reached;
}

std::vector<pid_t> ProcessesOf(const ReachedTargets& targets) {
  std::vector<pid_t> processes;
  if (targets.spawned != nullptr) processes = targets.spawned->processes();
  if (targets.some_self) processes.push_back(getpid());
  return processes;
}

absl::StatusOr<std::unique_ptr<TargetControl>> ControlOfAll(
    const ReachedTargets& targets, TargetAccess& access,
    const std::stop_token& stop) {
  std::vector<std::unique_ptr<TargetControl>> all;
  std::set<std::string> seen;
  for (const std::string& address : targets.addresses) {
    if (!seen.insert(address).second) continue;
    auto control = access.Control(address, targets.self, stop);
    if (control == nullptr) {
      if (stop.stop_requested()) return absl::CancelledError("cancelled");
      return absl::FailedPreconditionError(absl::StrCat(
          address,
          " hosts no mock targets that tell of themselves and whose "
          "behavior could be changed"));
    }
    all.push_back(std::move(control));
  }
  if (all.size() == 1) return std::move(all.front());
  return std::make_unique<ControlOfSeveral>(std::move(all));
}

void AddTarget(const v1::Target& more, v1::Target& sum) {
  sum.set_changed(sum.changed() || more.changed());
  AddStatistics(more.statistics(), *sum.mutable_statistics());
  AddState(more.state(), *sum.mutable_state());
}

}  // namespace perfrig::runs
