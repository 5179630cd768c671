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
#include "server/suites/call_program.h"
#include "server/suites/check_call.h"
#include "server/suites/check_load.h"
#include "server/suites/check_names.h"
#include "server/suites/limits.h"

namespace perfrig::suites {
namespace {

// The one without options, and those with some.
std::vector<std::string> MockTargets() {
  std::vector<std::string> names = {"echo"};
  const auto* options = v1::Behavior::descriptor()->FindOneofByName("options");
  for (int i = 0; i < options->field_count(); ++i) {
    names.push_back(options->field(i)->name());
  }
  return names;
}

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
    const bool fits = FitsLimits();
    if (fits) CheckCalls();
    if (test_.has_load()) {
      CheckLoad(test_.load(), field_ + ".load", problems_);
    } else {
      Add(field_, "needs load, such as load: {users: 1, iterations: 100}");
    }
    CheckTimes(test_, field_, problems_);
    if (test_.has_grace()) {
      CheckDuration(test_.grace(), {}, field_ + ".grace", problems_);
    }
    if (fits) CheckThresholds();
    CheckActions(test_.before(), field_ + ".before");
    CheckActions(test_.after(), field_ + ".after");
  }

 private:
  using Actions = google::protobuf::RepeatedPtrField<v1::Action>;

  void CheckCalls() {
    if (test_.calls().empty()) {
      return Add(field_, "needs call, as in call: pkg.Service/Method");
    }
    if (test_.calls_size() > kMostSteps) {
      return Add(field_ + ".steps", absl::StrCat("must be at most ", kMostSteps,
                                                 ", got ", test_.calls_size()));
    }
    CallScope scope = scope_;
    std::set<std::string> names;
    for (int i = 0; i < test_.calls_size(); ++i) {
      const v1::Call& call = test_.calls(i);
      const bool is_step = test_.calls_size() > 1 || !call.name().empty();
      const std::string field =
          is_step ? absl::StrCat(field_, ".steps[", i, "]") : field_;
      if (is_step) CheckStepName(call.name(), field, names);
      CheckOneCall(call, scope, field, problems_);
      for (const v1::Observe& capture : call.capture()) {
        scope.captured.push_back(capture.name());
      }
    }
  }

  // Many more than anybody needs would only take time.
  bool FitsLimits() {
    int observed = 0;
    int captured = 0;
    int conditions = 0;
    for (const v1::Call& call : test_.calls()) {
      observed += call.observe_size();
      captured += call.capture_size();
      conditions += call.check().conditions_size();
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

  void CheckStepName(const std::string& name, const std::string& field,
                     std::set<std::string>& names) {
    if (name.empty()) {
      return Add(field, "needs a name, since the test has several steps");
    }
    const std::vector<std::string> observed = ObserveNames(test_);
    if (auto problem = CheckTestName(name)) {
      Add(field + ".name", *problem);
    } else if (!names.insert(name).second) {
      Add(field + ".name", absl::StrCat("two steps are named ", name));
    } else if (std::find(observed.begin(), observed.end(), name) !=
               observed.end()) {
      Add(field + ".name", absl::StrCat(name,
                                        " is observed in this test; a "
                                        "step needs another name"));
    }
  }

  void CheckThresholds() {
    if (!AtMost(test_.expect_size(), kMostThresholds, "expect")) return;
    for (int i = 0; i < test_.expect_size(); ++i) {
      const std::string field = absl::StrCat(field_, ".expect[", i, "]");
      const auto threshold = Threshold::Parse(test_.expect(i));
      const absl::Status status =
          threshold.ok() ? CheckMetrics(*threshold, suite_, test_, others_)
                         : threshold.status();
      if (!status.ok()) Add(field, std::string(status.message()));
    }
  }

  void CheckActions(const Actions& actions, const std::string& field) {
    for (int i = 0; i < actions.size(); ++i) {
      const std::string at = absl::StrCat(field, "[", i, "]");
      switch (actions[i].kind_case()) {
        case v1::Action::kCall:
          CheckActionCall(actions[i].call(), at);
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

  void CheckActionCall(const v1::Call& call, const std::string& field) {
    CheckOneCall(call, scope_, field, problems_);
    if (!call.observe().empty()) {
      Add(field + ".observe", "must not be set: the call is not measured");
    }
    if (!call.capture().empty()) {
      Add(field + ".capture", "must not be set: no later call could use it");
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
};

}  // namespace

void CheckTest(const v1::Suite& suite, const v1::Test& test,
               const CallScope& scope, const FindSuite& others,
               const std::string& field, std::vector<FieldProblem>& problems) {
  TestChecker(suite, test, scope, others, field, problems).Check();
}

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
