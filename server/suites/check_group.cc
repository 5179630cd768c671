#include "server/suites/check_group.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/checks/ranges.h"
#include "server/suites/call_program.h"
#include "server/suites/check_load.h"
#include "server/suites/check_names.h"
#include "server/suites/limits.h"

namespace perfrig::suites {
namespace {

// Of a step or a group: the rule that its name breaks. `kind` is either;
// `names` are those that are taken.
std::optional<std::string> CheckPartName(const std::string& name,
                                         const char* kind, const v1::Test& test,
                                         std::set<std::string>& names) {
  if (auto problem = CheckTestName(name)) return problem;
  if (!names.insert(name).second) {
    return absl::StrCat("two ", kind, "s are named ", name);
  }
  const std::vector<std::string> observed = ObserveNames(test);
  if (std::find(observed.begin(), observed.end(), name) == observed.end()) {
    return std::nullopt;
  }
  return absl::StrCat(name, " is observed in this test; a ", kind,
                      " needs another name");
}

class GroupChecker {
 public:
  GroupChecker(const v1::Test& test, const GroupView& group,
               const CallScope& scope, const std::string& field,
               std::vector<FieldProblem>& problems)
      : test_(test),
        group_(group),
        scope_(scope),
        captured_before_(scope.captured),
        field_(field),
        problems_(problems) {}

  void Check() {
    const auto& calls = *group_.calls;
    const char* list = group_.mix ? ".mix" : ".steps";
    if (calls.empty()) {
      return Add(field_, "needs call, as in call: pkg.Service/Method");
    }
    if (calls.size() > kMostSteps) {
      return Add(field_ + list, absl::StrCat("must be at most ", kMostSteps,
                                             ", got ", calls.size()));
    }
    for (int i = 0; i < calls.size(); ++i) {
      const v1::Call& call = calls[i];
      const bool is_step =
          group_.mix || calls.size() > 1 || !call.name().empty();
      const std::string field =
          is_step ? absl::StrCat(field_, list, "[", i, "]") : field_;
      if (calls.size() > 1 || !call.name().empty()) {
        CheckStepName(call.name(), field);
      }
      CheckOneCall(call, scope_, field, problems_);
      CheckWeight(call, field);
      CheckCapture(call, field);
    }
  }

 private:
  void CheckStepName(const std::string& name, const std::string& field) {
    if (name.empty()) {
      return Add(field, "needs a name, since the test has several steps");
    }
    if (auto problem = CheckPartName(name, "step", test_, names_)) {
      Add(field + ".name", *problem);
    }
  }

  void CheckWeight(const v1::Call& call, const std::string& field) {
    if (call.weight() == 0) return;
    const std::string at = field + ".weight";
    if (!group_.mix) {
      Add(at, "must not be set: only the calls of a mix have a weight");
    } else {
      CheckNumber(call.weight(), {0, kMostWeight, true}, at, problems_);
    }
  }

  void CheckCapture(const v1::Call& call, const std::string& field) {
    if (!group_.mix) {
      for (const v1::Observe& capture : call.capture()) {
        if (std::find(captured_before_.begin(), captured_before_.end(),
                      capture.name()) != captured_before_.end()) {
          Add(absl::StrCat(field, ".capture.", capture.name()),
              "is captured before the round already");
        }
        scope_.captured.push_back(capture.name());
      }
    } else if (!call.capture().empty()) {
      Add(field + ".capture",
          "must not be set: an iteration makes one call of a mix, and no "
          "later one could use it");
    }
  }

  void Add(std::string field, std::string message) {
    problems_.push_back({std::move(field), std::move(message)});
  }

  const v1::Test& test_;
  const GroupView& group_;
  // Grows by what each step captures.
  CallScope scope_;
  const std::vector<std::string> captured_before_;
  const std::string& field_;
  std::vector<FieldProblem>& problems_;
  std::set<std::string> names_;
};

}  // namespace

void CheckGroup(const v1::Test& test, const GroupView& group,
                const CallScope& scope, const std::string& field,
                std::vector<FieldProblem>& problems) {
  GroupChecker(test, group, scope, field, problems).Check();
}

void CheckGroups(const v1::Test& test, const std::string& field,
                 std::vector<FieldProblem>& problems) {
  if (test.groups_size() > kMostGroups) {
    problems.push_back(
        {field + ".groups", absl::StrCat("must be at most ", kMostGroups,
                                         ", got ", test.groups_size())});
  }
  if (!test.calls().empty() || test.mix()) {
    problems.push_back(
        {field + ".groups", "a test has either groups or calls of its own"});
  }
  if (test.has_load()) {
    problems.push_back(
        {field + ".load", "must not be set: each group has a load of its own"});
  }
  std::set<std::string> names;
  for (const v1::Group& group : test.groups()) {
    if (auto problem = CheckPartName(group.name(), "group", test, names)) {
      problems.push_back(
          {absl::StrCat(field, ".groups.", group.name()), *problem});
    }
  }
}

}  // namespace perfrig::suites
