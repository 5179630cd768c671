#include "server/suites/check_test.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/behavior/check.h"
#include "common/behavior/options.h"
#include "common/checks/ranges.h"
#include "common/strings/nearest.h"
#include "server/suites/call_parts.h"
#include "server/suites/call_program.h"
#include "server/suites/check_call.h"
#include "server/suites/check_group.h"
#include "server/suites/check_load.h"
#include "server/suites/check_load_of_calls.h"
#include "server/suites/check_names.h"
#include "server/suites/figure.h"
#include "server/suites/groups.h"
#include "server/suites/limits.h"
#include "server/suites/mock_targets.h"
#include "server/suites/test_targets.h"

namespace perfrig::suites {
namespace {

// What a change can name: "delay", "cache.ttl".
std::vector<std::string> BehaviorFields(const std::string& target) {
  std::vector<std::string> names;
  const auto* type = v1::Behavior::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->real_containing_oneof() == nullptr) {
      names.push_back(type->field(i)->name());
    }
  }
  for (const std::string& option : OptionNames(target)) {
    names.push_back(absl::StrCat(target, ".", option));
  }
  return names;
}

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class TestChecker {
 public:
  TestChecker(const v1::Suite& suite, const v1::Test& test,
              const CallScope& scope, const FindSuite& others,
              const std::string& field, std::vector<FieldProblem>& problems)
      : suite_(suite),
        test_(test),
        scope_(scope),
        others_(others),
        field_(field),
        problems_(problems) {}

  void Check() {
    if (auto problem = CheckTestName(test_.name())) Add(field_, *problem);
    for (int i = 0; i < test_.tags_size(); ++i) {
      if (auto problem = CheckTag(test_.tags(i))) {
        Add(absl::StrCat(field_, ".tags[", i, "]"), *problem);
      }
    }
    CheckTargets(test_, field_ + ".", problems_);
    fits_ = FitsLimits();
    CheckActions(test_.before(), field_ + ".before");
    CheckAllGroups();
    if (fits_) CheckGoodOfAll();
    CheckWarmup();
    CheckSearch();
    CheckTimes(test_, field_, problems_);
    if (test_.has_grace()) {
      CheckDuration(test_.grace(), {}, field_ + ".grace", problems_);
    }
    if (fits_) CheckThresholds();
    if (fits_) CheckShown();
    CheckActions(test_.after(), field_ + ".after");
  }

 private:
  using Actions = google::protobuf::RepeatedPtrField<v1::Action>;

  void CheckAllGroups() {
    if (!test_.groups().empty()) CheckGroups(test_, field_, problems_);
    CallScope scope = scope_;
    scope.captured = captured_before_;
    for (const GroupView& group : GroupsOf(test_)) {
      const std::string field =
          group.name.empty() ? field_
                             : absl::StrCat(field_, ".groups.", group.name);
      if (fits_) CheckGroup(test_, group, scope, field, problems_);
      // Where there is none, protobuf gives this one.
      if (group.load != &v1::Load::default_instance()) {
        CheckLoad(*group.load, field + ".load", problems_);
        CheckLoadOfCalls(*group.load, *group.calls, scope_.types,
                         field + ".load", problems_);
      } else {
        Add(field, "needs load, such as load: {users: 1, iterations: 100}");
      }
    }
  }

  // Its tries are what others do in rounds.
  void CheckSearch() {
    for (const v1::Group& group : test_.groups()) {
      if (!group.load().has_search()) continue;
      Add(absl::StrCat(field_, ".groups.", group.name(), ".load.search"),
          "must not be set: a search is of a test without groups");
    }
    if (!test_.load().has_search()) return;
    if (test_.rounds() > 1) {
      Add(field_ + ".rounds",
          absl::StrCat("must be 1: a search confirms what it finds, got ",
                       test_.rounds()));
    }
    if (!test_.abort_on_fail().empty()) {
      Add(field_ + ".abort_on_fail",
          "must not be set: what a try misses is what a search looks for");
    }
  }

  // It must mean something for each call.
  void CheckGoodOfAll() {
    if (test_.good().empty()) return;
    for (const GroupView& group : GroupsOf(test_)) {
      for (const v1::Call& call : *group.calls) {
        const google::protobuf::MethodDescriptor* method = nullptr;
        if (scope_.types != nullptr) {
          method = scope_.types->Find(call.method()).value_or(nullptr);
        }
        const absl::Status status = CheckGood(test_.good(), call, method);
        if (status.ok()) continue;
        return Add(field_ + ".good", std::string(status.message()));
      }
    }
  }

  void CheckWarmup() {
    if (!test_.warmup_auto()) return;
    const std::string field = field_ + ".warmup";
    if (test_.has_warmup()) Add(field, "must be a time or auto, not both");
    for (const GroupView& group : GroupsOf(test_)) {
      if (group.load->burst() == 0 && group.load->sessions() == 0) continue;
      return Add(field, absl::StrCat("must not be auto: ",
                                     group.load->burst() > 0 ? "a burst has"
                                                             : "sessions have",
                                     " no seconds that could be compared"));
    }
  }

  // Many more than anybody needs would only take time.
  bool FitsLimits() {
    int observed = 0;
    int captured = 0;
    int conditions = 0;
    for (const v1::Action& action : test_.before()) {
      captured += action.call().capture_size();
    }
    for (const GroupView& group : GroupsOf(test_)) {
      for (const v1::Call& call : *group.calls) {
        observed += call.observe_size();
        captured += call.capture_size();
        conditions += call.check().conditions_size();
      }
    }
    const bool few_observed = AtMost(observed, kMostTaken, "observe");
    const bool few_captured = AtMost(captured, kMostTaken, "capture");
    return AtMost(conditions, kMostConditions, "check") && few_observed &&
           few_captured;
  }

  bool AtMost(int count, int most, const char* name) {
    if (count <= most) return true;
    Add(absl::StrCat(field_, ".", name),
        absl::StrCat("must have at most ", NumberText(most), " items, got ",
                     NumberText(count)));
    return false;
  }

  void CheckThresholds() {
    if (AtMost(test_.expect_size(), kMostThresholds, "expect")) {
      for (int i = 0; i < test_.expect_size(); ++i) {
        CheckThreshold(test_.expect(i), absl::StrCat(".expect[", i, "]"),
                       /*ends=*/false);
      }
    }
    if (!AtMost(test_.abort_on_fail_size(), kMostEndingThresholds,
                "abort_on_fail")) {
      return;
    }
    for (int i = 0; i < test_.abort_on_fail_size(); ++i) {
      CheckThreshold(test_.abort_on_fail(i),
                     absl::StrCat(".abort_on_fail[", i, "]"), /*ends=*/true);
    }
  }

  void CheckThreshold(const std::string& text, const std::string& field,
                      bool ends) {
    absl::StatusOr<Threshold> threshold = Threshold::Parse(text);
    absl::Status status = threshold.status();
    if (status.ok()) status = threshold->Resolve(suite_, test_, others_);
    if (status.ok() && (ends || threshold->window() > 0)) {
      status = CheckOnline(*threshold);
    }
    if (status.ok() && ends && threshold->window() > 0) {
      status = absl::InvalidArgumentError(
          "must have no windows: it is judged each second on the round so far");
    }
    if (!status.ok()) Add(field_ + field, std::string(status.message()));
  }

  void CheckShown() {
    if (!AtMost(test_.show_size(), kMostShown, "show")) return;
    for (int i = 0; i < test_.show_size(); ++i) {
      auto figure = Figure::Parse(test_.show(i));
      const absl::Status status = figure.ok()
                                      ? figure->Resolve(suite_, test_, others_)
                                      : figure.status();
      if (status.ok()) continue;
      Add(absl::StrCat(field_, ".show[", i, "]"),
          std::string(status.message()));
    }
  }

  void CheckActions(const Actions& actions, const std::string& field) {
    for (int i = 0; i < actions.size(); ++i) {
      const std::string at = absl::StrCat(field, "[", i, "]");
      switch (actions[i].kind_case()) {
        case v1::Action::kCall:
          CheckActionCall(actions[i].call(), &actions == &test_.before(), at);
          break;
        case v1::Action::kBehavior:
          CheckChange(actions[i].behavior(), at + ".behavior");
          break;
        case v1::Action::KIND_NOT_SET:
          Add(at, "needs call or behavior");
          break;
      }
    }
  }

  void CheckActionCall(const v1::Call& call, bool before,
                       const std::string& field) {
    CallScope scope = scope_;
    scope.captured = captured_before_;
    CheckOneCall(call, scope, field, problems_);
    if (!call.observe().empty()) {
      Add(field + ".observe", "must not be set: the call is not measured");
    }
    if (before) {
      for (const v1::Observe& capture : call.capture()) {
        captured_before_.push_back(capture.name());
      }
    } else if (!call.capture().empty()) {
      Add(field + ".capture", "must not be set: no later call could use it");
    }
    if (call.has_retry()) {
      Add(field + ".retry", "must not be set: such a call is made once");
    }
  }

  void CheckChange(const v1::BehaviorChange& change, const std::string& field) {
    constexpr std::string_view kTargets = "targets/";
    const std::string& target = change.target();
    const std::string name =
        target.starts_with(kTargets) ? target.substr(kTargets.size()) : target;
    const std::string at = absl::StrCat(field, ".", name);
    if (auto problem = CheckTestName(name); problem && name != "-") {
      Add(at, *problem);
    } else if (scope_.types != nullptr && !Has(MockTargets(), name)) {
      Add(at, absl::StrCat("there is no target \"", name, "\"",
                           DidYouMean(name, MockTargets())));
    }
    CheckMask(change, name, at);
    for (FieldProblem& problem : CheckBehavior(change.behavior())) {
      Add(absl::StrCat(at, ".", problem.field), std::move(problem.message));
    }
  }

  void CheckMask(const v1::BehaviorChange& change, const std::string& target,
                 const std::string& field) {
    const std::vector<std::string> names = BehaviorFields(target);
    for (const std::string& path : change.update_mask().paths()) {
      if (path == "*" || Has(names, path)) continue;
      Add(field, absl::StrCat("update_mask: a behavior has no field \"", path,
                              "\"", DidYouMean(path, names)));
    }
    if (change.update_mask().paths().empty() &&
        change.behavior().ByteSizeLong() == 0) {
      Add(field, "changes nothing");
    }
  }

  void Add(std::string field, std::string message) {
    problems_.push_back({std::move(field), std::move(message)});
  }

  const v1::Suite& suite_;
  const v1::Test& test_;
  const CallScope& scope_;
  const FindSuite& others_;
  const std::string& field_;
  std::vector<FieldProblem>& problems_;
  // Whether it is small enough to look at each of its calls and thresholds.
  bool fits_ = false;
  // By the calls before the round that have been checked.
  std::vector<std::string> captured_before_;
};

}  // namespace

void CheckTest(const v1::Suite& suite, const v1::Test& test,
               const CallScope& scope, const FindSuite& others,
               const std::string& field, std::vector<FieldProblem>& problems) {
  TestChecker(suite, test, scope, others, field, problems).Check();
}

template <typename Message>
void CheckTargets(const Message& message, const std::string& field,
                  std::vector<FieldProblem>& problems) {
  const auto& targets = message.targets();
  for (int i = 0; i < targets.size(); ++i) {
    if (auto problem = CheckTargetName(targets[i])) {
      problems.push_back({absl::StrCat(field, "target[", i, "]"), *problem});
    }
  }
  const auto spawned = std::count(targets.begin(), targets.end(), kSpawn);
  if (spawned > kMostSpawned) {
    problems.push_back(
        {field + "target", absl::StrCat("must spawn at most ", kMostSpawned,
                                        " processes, got ", spawned)});
  }
  for (int i = 0; i < message.needs_size(); ++i) {
    if (auto problem = CheckNeed(message.needs(i))) {
      problems.push_back({absl::StrCat(field, "needs[", i, "]"), *problem});
    }
  }
}

template void CheckTargets(const v1::Test&, const std::string&,
                           std::vector<FieldProblem>&);
template void CheckTargets(const v1::Suite&, const std::string&,
                           std::vector<FieldProblem>&);

template <typename Message>
void CheckTimes(const Message& message, const std::string& field,
                std::vector<FieldProblem>& problems) {
  if (message.has_warmup()) {
    CheckDuration(message.warmup(), {}, field + ".warmup", problems);
  }
  CheckNumber(message.rounds(), {0, kMostRounds}, field + ".rounds", problems);
  if (message.has_time_limit()) {
    CheckDuration(message.time_limit(),
                  {absl::ZeroDuration(), absl::Hours(7 * 24), true},
                  field + ".time_limit", problems);
  }
}

template void CheckTimes(const v1::Test&, const std::string&,
                         std::vector<FieldProblem>&);
template void CheckTimes(const v1::Defaults&, const std::string&,
                         std::vector<FieldProblem>&);

}  // namespace perfrig::suites
