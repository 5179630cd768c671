#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/strings/field_problem.h"
#include "server/suites/call_program.h"
#include "server/suites/check_call.h"
#include "server/suites/check_names.h"
#include "server/suites/check_test.h"
#include "server/suites/limits.h"
#include "server/suites/method_types.h"
#include "server/suites/reader.h"

namespace perfrig::suites {
namespace {

bool IsSelf(const v1::Suite& suite) {
  for (const std::string& target : suite.targets()) {
    if (target != "self") return false;
  }
  return true;
}

void CheckDefaults(const v1::Defaults& defaults,
                   std::vector<FieldProblem>& problems) {
  if (defaults.has_deadline()) {
    CheckDeadline(defaults.deadline(), "defaults.deadline", problems);
  }
  CheckTimes(defaults, "defaults", problems);
  CheckMetadata(defaults.metadata(), "defaults.metadata", problems);
  // Values are checked as those of a call.
  v1::Call call;
  *call.mutable_metadata() = defaults.metadata();
  for (FieldProblem& problem : CheckCall(call, nullptr, {})) {
    problems.push_back(
        {absl::StrCat("defaults.", problem.field), std::move(problem.message)});
  }
}

void CheckTests(const v1::Suite& suite, std::vector<FieldProblem>& problems) {
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
  MethodTypes* const known = IsSelf(suite) ? &types : nullptr;
  std::set<std::string_view> names;
  for (const v1::Test& test : suite.tests()) {
    const std::string field = absl::StrCat("tests.", test.name());
    if (!names.insert(test.name()).second) {
      problems.push_back({field, "two tests have this name"});
    }
    CheckTest(suite, test, known, field, problems);
  }
}

std::string ToLine(const v1::Problem& problem) {
  std::string line = problem.file();
  if (problem.line() > 0) {
    absl::StrAppend(&line, ":", problem.line(), ":", problem.column());
  }
  if (!line.empty()) line += ": ";
  if (!problem.field().empty()) absl::StrAppend(&line, problem.field(), " ");
  return line + problem.message();
}

}  // namespace

std::vector<v1::Problem> CheckSuite(const v1::Suite& suite) {
  std::vector<FieldProblem> problems;
  if (auto problem = CheckSuiteName(suite.name())) {
    problems.push_back({"suite", *problem});
  }
  for (int i = 0; i < suite.tags_size(); ++i) {
    if (auto problem = CheckTag(suite.tags(i))) {
      problems.push_back({absl::StrCat("tags[", i, "]"), *problem});
    }
  }
  for (int i = 0; i < suite.targets_size(); ++i) {
    if (auto problem = CheckTargetName(suite.targets(i))) {
      problems.push_back({absl::StrCat("target[", i, "]"), *problem});
    }
  }
  CheckDefaults(suite.defaults(), problems);
  CheckTests(suite, problems);

  std::vector<v1::Problem> result;
  for (FieldProblem& problem : problems) {
    v1::Problem& added = result.emplace_back();
    added.set_field(std::move(problem.field));
    added.set_message(std::move(problem.message));
  }
  return result;
}

std::string ToText(const std::vector<v1::Problem>& problems) {
  std::string text;
  for (const v1::Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += ToLine(problem);
  }
  return text;
}

}  // namespace perfrig::suites
