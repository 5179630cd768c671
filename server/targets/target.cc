#include "server/targets/target.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/behavior/check.h"
#include "common/behavior/options.h"
#include "common/status/details.h"
#include "server/targets/behavior/merge.h"

namespace perfrig::targets {
namespace {

v1::Behavior Configured(const TargetKind& kind, const v1::Behavior& behavior) {
  std::vector<FieldProblem> none;
  return MergeBehavior(kind.behavior, kind.behavior, behavior,
                       PickedFields(behavior, {}, none));
}

std::uint64_t SeedOf(const v1::Behavior& behavior) {
  return behavior.has_seed() ? behavior.seed() : 1;
}

absl::Status Refusal(const std::vector<FieldProblem>& problems) {
  std::string text;
  for (const FieldProblem& problem : problems) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", problem.field, ": ",
                    problem.message);
  }
  return WithViolations(absl::InvalidArgumentError(text), problems);
}

}  // namespace

Target::Target(TargetKind kind, const TargetSetup& setup)
    : kind_(std::move(kind)),
      default_behavior_(Configured(kind_, setup.configured)),
      allow_call_overrides_(setup.allow_call_overrides),
      station_(setup.clock, setup.delays, default_behavior_),
      elsewhere_(setup.elsewhere),
      seed_(SeedOf(default_behavior_)),
      behavior_(default_behavior_) {}

v1::Target Target::Describe(bool with_histograms) {
  v1::Target target = DescribeWithoutStatistics();
  *target.mutable_statistics() = station_.Snapshot(with_histograms);
  DescribeOwn(Since::kReset, *target.mutable_statistics());
  return target;
}

v1::Target Target::DescribeTotals() {
  v1::Target target = DescribeWithoutStatistics();
  *target.mutable_statistics() = station_.Totals();
  DescribeOwn(Since::kStart, *target.mutable_statistics());
  return target;
}

v1::Target Target::DescribeWithoutStatistics() {
  v1::Target target;
  target.set_name(absl::StrCat("targets/", std::string(kind_.name)));
  target.set_service(std::string(kind_.service));
  target.set_title(std::string(kind_.title));
  *target.mutable_default_behavior() = default_behavior_;
  DescribeState(*target.mutable_state());
  MutexLock lock(mutex_);
  *target.mutable_behavior() = behavior_;
  target.set_changed(changed_);
  return target;
}

absl::Status Target::Update(const v1::UpdateBehaviorRequest& request,
                            bool by_hand) {
  std::vector<FieldProblem> problems;
  const std::vector<std::string> fields =
      PickedFields(request.behavior(), request.update_mask(), problems);
  if (!request.has_behavior() && request.update_mask().paths().empty()) {
    problems.push_back({"behavior", "must be set, or update_mask name fields"});
  }
  for (FieldProblem& problem : CheckBehavior(request.behavior())) {
    problem.field = "behavior." + problem.field;
    problems.push_back(std::move(problem));
  }
  CheckOwn(request, problems);
  CheckOptions(request.behavior(), problems);
  if (!problems.empty()) return Refusal(problems);

  const auto picked = [&](const char* field) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  };
  MutexLock changing(changing_);
  MutexLock lock(mutex_);
  behavior_ =
      MergeBehavior(behavior_, default_behavior_, request.behavior(), fields);
  changed_ = changed_ || by_hand;
  seed_ = SeedOf(behavior_);
  Configure(behavior_);
  Begin(request.behavior(), fields);
  station_.SetBehavior(ForStation(behavior_), {.random = picked("seed"),
                                               .stall = picked("stall"),
                                               .outage = picked("outage")});
  return absl::OkStatus();
}

std::vector<FieldProblem> Target::CheckDefaults() const {
  std::vector<FieldProblem> problems;
  CheckOptions(default_behavior_, problems);
  return problems;
}

void Target::Shutdown() {
  station_.Shutdown();
  Close();
}

void Target::CheckOwn(const v1::UpdateBehaviorRequest& request,
                      std::vector<FieldProblem>& problems) const {
  // One that has options has defaults for them.
  const std::string own = OptionsTarget(kind_.behavior);
  const std::string is_none =
      absl::StrCat("is not an option of ", std::string(name()));
  const std::string target = OptionsTarget(request.behavior());
  if (!target.empty() && target != own) {
    problems.push_back({"behavior." + target, is_none});
  }
  for (const std::string& path : request.update_mask().paths()) {
    const std::size_t dot = path.find('.');
    if (dot != std::string::npos && path.substr(0, dot) != own) {
      problems.push_back(
          {"update_mask", absl::StrCat("\"", path, "\" ", is_none)});
    }
  }
}

void Target::Reset() {
  MutexLock changing(changing_);
  // First, before a new behavior could let one of the calls go on.
  station_.Reset(ForStation(default_behavior_));
  {
    MutexLock lock(mutex_);
    behavior_ = default_behavior_;
    changed_ = false;
    seed_ = SeedOf(behavior_);
    Configure(behavior_);
  }
  ClearState();
}

}  // namespace perfrig::targets
