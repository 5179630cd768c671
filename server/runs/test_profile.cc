#include "server/runs/test_profile.h"

#include "common/status/macros.h"
#include "server/resources/folded_stacks.h"

namespace perfrig::runs {

absl::StatusOr<std::unique_ptr<TestProfile>> TestProfile::Begin(
    Clock& clock, const ReachedTargets& targets) {
  if (targets.spawned != nullptr) {
    RETURN_IF_ERROR(targets.spawned->BeginProfile());
  }
  std::unique_ptr<resources::CpuProfiler> own;
  if (targets.some_self) {
    ASSIGN_OR_RETURN(own, resources::CpuProfiler::Start(clock));
  }
  return std::unique_ptr<TestProfile>(
      new TestProfile(targets.spawned.get(), std::move(own)));
}

absl::StatusOr<std::vector<std::string>> TestProfile::End() {
  std::vector<std::string> stacks;
  if (own_ != nullptr) stacks = own_->Stop();
  if (spawned_ == nullptr) return stacks;
  ASSIGN_OR_RETURN(const auto more, spawned_->EndProfile());
  stacks.insert(stacks.end(), more.begin(), more.end());
  return resources::FoldAgain(stacks);
}

}  // namespace perfrig::runs
