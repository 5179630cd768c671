#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/details.h"
#include "common/strings/field_problem.h"
#include "common/yaml/problem_log.h"
#include "common/yaml/repeated_keys.h"
#include "server/suites/call_program.h"
#include "server/suites/check_call.h"
#include "server/suites/check_names.h"
#include "server/suites/check_test.h"
#include "server/suites/limits.h"
#include "server/suites/method_types.h"
#include "server/suites/mock_targets.h"
#include "server/suites/reader.h"

namespace perfrig::suites {
namespace {

void CheckDefaults(const v1::Defaults& defaults, const Supplied* supplied,
                   std::vector<FieldProblem>& problems) {
  if (defaults.has_deadline()) {
    CheckDeadline(defaults.deadline(), "defaults.deadline", problems);
  }
  CheckTimes(defaults, "defaults", problems);
  CheckMetadata(defaults.metadata(), "defaults.metadata", problems);
  // Values are checked as those of a call.
  v1::Call call;
  *call.mutable_metadata() = defaults.metadata();
  for (FieldProblem& problem : CheckCall(call, nullptr, {}, supplied)) {
    problems.push_back(
        {absl::StrCat("defaults.", problem.field), std::move(problem.message)});
  }
}

void CheckTests(const v1::Suite& suite, const Supplied* supplied,
                const Surroundings& around,
                std::vector<FieldProblem>& problems) {
  if (suite.tests().empty()) {
    problems.push_back({"tests", "must have at least one test"});
    return;
  }
  if (suite.tests_size() > kMostTests) {
    problems.push_back({"tests", absl::StrCat("must be at most 1,000, got ",
                                              suite.tests_size())});
    return;
  }
  BuiltInMethodTypes types;
  const CallScope own{&types, around.local_functions, {}, supplied};
  const CallScope foreign{nullptr, around.local_functions, {}, supplied};
  yaml::RepeatedKeys fields("tests");
  std::set<std::string_view> names;
  for (const v1::Test& test : suite.tests()) {
    const std::string field = fields.Next(test.name());
    if (!names.insert(test.name()).second) {
      problems.push_back(
          {field + ".name",
           absl::StrCat("must be unique, got \"", test.name(), "\" again")});
    }
    CheckTest(suite, test, CallsMockTargets(suite, test) ? own : foreign,
              around.others, field, problems);
  }
}

}  // namespace

std::vector<v1::Problem> CheckSuite(const v1::Suite& suite,
                                    const Supplied* supplied,
                                    const Surroundings& around) {
  std::vector<FieldProblem> problems;
  if (auto problem = CheckSuiteName(suite.name())) {
    problems.push_back({"suite", *problem});
  }
  for (int i = 0; i < suite.tags_size(); ++i) {
    if (auto problem = CheckTag(suite.tags(i))) {
      problems.push_back({absl::StrCat("tags[", i, "]"), *problem});
    }
  }
  CheckTargets(suite, "", problems);
  CheckDefaults(suite.defaults(), supplied, problems);
  CheckTests(suite, supplied, around, problems);

  std::vector<v1::Problem> result;
  for (FieldProblem& problem : problems) {
    v1::Problem& added = result.emplace_back();
    added.set_field(std::move(problem.field));
    added.set_message(std::move(problem.message));
  }
  return result;
}

absl::Status ToStatus(const std::vector<v1::Problem>& problems) {
  std::vector<FieldProblem> fields;
  fields.reserve(problems.size());
  for (const v1::Problem& problem : problems) {
    std::string message = problem.message();
    if (const std::string place = yaml::PlaceText(problem); !place.empty()) {
      message = absl::StrCat(place, ": ", message);
    }
    fields.push_back({problem.field(), std::move(message)});
  }
  return WithViolations(absl::InvalidArgumentError(ToText(problems)), fields);
}

std::string ToText(const std::vector<v1::Problem>& problems) {
  std::string text;
  for (const v1::Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += yaml::ProblemText(problem);
  }
  return text;
}

}  // namespace perfrig::suites
