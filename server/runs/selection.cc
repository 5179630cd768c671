#include "server/runs/selection.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/details.h"
#include "common/status/macros.h"
#include "common/strings/glob.h"
#include "common/strings/nearest.h"
#include "common/suites/tags.h"
#include "server/suites/figure.h"
#include "server/suites/reader.h"
#include "server/suites/test_targets.h"

namespace perfrig::runs {
namespace {

constexpr char kPrefix[] = "suites/";
constexpr int kMostRounds = 1'000;

suites::VariableMap VariablesOf(const v1::StartRunRequest& request) {
  return {request.variables().begin(), request.variables().end()};
}

// A suite of the daemon; the request's variables win over the environment's.
absl::StatusOr<SelectedSuite> OfDaemon(const std::string& name,
                                       const v1::StartRunRequest& request,
                                       suites::Catalog& catalog) {
  suites::VariableMap variables = VariablesOf(request);
  ASSIGN_OR_RETURN(v1::Suite suite, catalog.Get(name, variables));
  variables.insert(catalog.environment().begin(), catalog.environment().end());
  suites::Supplied supplied = suites::SuppliedWith(catalog.Source(name));
  supplied.variables = std::move(variables);
  return SelectedSuite{std::move(suite), {}, std::move(supplied)};
}

// Every suite that the request names, whole, without repetition.
class Collector {
 public:
  Collector(const v1::StartRunRequest& request, suites::Catalog& catalog)
      : request_(request), catalog_(catalog) {}

  absl::StatusOr<std::vector<SelectedSuite>> Collect() {
    RETURN_IF_ERROR(CollectSent());
    for (const auto& pattern : request_.suites()) {
      const auto names = catalog_.Match(pattern);
      if (!names.ok()) {
        return WithResource(names.status(), "perfrig.v1.Suite", pattern);
      }
      for (const std::string& name : *names) {
        if (!names_.insert(name).second) continue;
        ASSIGN_OR_RETURN(SelectedSuite found,
                         OfDaemon(name, request_, catalog_));
        collected_.push_back(std::move(found));
      }
    }
    if (collected_.empty()) {
      return BadField("suites", "name at least one suite, or send one");
    }
    RETURN_IF_ERROR(CheckTogether());
    return std::move(collected_);
  }

 private:
  // Suites that came with the request; all problems of all of them at once.
  absl::Status CollectSent() {
    std::vector<v1::Problem> problems;
    const auto note = [&](const std::vector<v1::Problem>& more) {
      problems.insert(problems.end(), more.begin(), more.end());
    };
    const suites::Surroundings alone = catalog_.Alone();
    for (const auto& source : request_.sources()) {
      const suites::ReadResult read = suites::ReadSuite(source, alone);
      note(read.problems);
      if (!read.suite) continue;
      // Its own values, and none of another file's.
      suites::Supplied supplied = suites::SuppliedWith(source);
      suites::VariableMap variables = VariablesOf(request_);
      variables.merge(supplied.variables);
      supplied.variables = std::move(variables);
      RETURN_IF_ERROR(Add({*read.suite, {}, std::move(supplied)}));
    }
    for (const auto& suite : request_.inline_suites()) {
      suites::Supplied supplied{.variables = VariablesOf(request_)};
      note(suites::CheckSuite(suite, &supplied, alone));
      RETURN_IF_ERROR(Add({suite, {}, std::move(supplied)}));
    }
    return problems.empty() ? absl::OkStatus() : suites::ToStatus(problems);
  }

  // What thresholds name of other suites: of those collected, else of the
  // daemon's. Those sent come first, in the order of the request.
  absl::Status CheckTogether() const {
    suites::Surroundings around =
        catalog_.SurroundingsWith(VariablesOf(request_));
    around.others =
        [this, of_daemon = std::move(around.others)](
            std::string_view name) -> absl::StatusOr<const v1::Suite*> {
      const auto found = std::find_if(
          collected_.begin(), collected_.end(), [&](const auto& chosen) {
            return chosen.suite.name() == kPrefix + std::string(name);
          });
      if (found != collected_.end()) return &found->suite;
      return of_daemon(name);
    };
    std::vector<v1::Problem> problems;
    for (std::size_t i = 0; i < collected_.size(); ++i) {
      const SelectedSuite& chosen = collected_[i];
      if (!suites::NamesOthers(chosen.suite)) continue;
      // Read again, so that problems have their places.
      const std::vector<v1::Problem> more =
          i < static_cast<std::size_t>(request_.sources_size())
              ? suites::ReadSuite(request_.sources(static_cast<int>(i)), around)
                    .problems
              : suites::CheckSuite(chosen.suite, &chosen.supplied, around);
      problems.insert(problems.end(), more.begin(), more.end());
    }
    return problems.empty() ? absl::OkStatus() : suites::ToStatus(problems);
  }

  absl::Status Add(SelectedSuite chosen) {
    const std::string& name = chosen.suite.name();
    // A name that is missing is a problem of the suite.
    if (!name.empty() && !names_.insert(name).second) {
      return BadField("suites", absl::StrCat("two are named ", name));
    }
    collected_.push_back(std::move(chosen));
    return absl::OkStatus();
  }

  const v1::StartRunRequest& request_;
  suites::Catalog& catalog_;
  std::set<std::string> names_;
  std::vector<SelectedSuite> collected_;
};

bool IsPicked(const v1::StartRunRequest& request, const v1::Suite& suite,
              const v1::Test& test) {
  if (!HasTags(suite, test, request.tags())) return false;
  if (request.tests().empty()) return true;
  return std::any_of(request.tests().begin(), request.tests().end(),
                     [&](const std::string& pattern) {
                       return MatchesGlob(pattern, test.name());
                     });
}

// Picks tests and follows what their thresholds need, over suites too.
class Picker {
 public:
  Picker(const v1::StartRunRequest& request, suites::Catalog& catalog,
         std::vector<SelectedSuite> suites)
      : request_(request),
        catalog_(catalog),
        suites_(std::make_move_iterator(suites.begin()),
                std::make_move_iterator(suites.end())) {}

  absl::StatusOr<std::vector<SelectedSuite>> Pick() {
    wanted_.resize(suites_.size());
    picked_.resize(suites_.size());
    for (std::size_t i = 0; i < suites_.size(); ++i) {
      for (const v1::Test& test : suites_[i].suite.tests()) {
        if (IsPicked(request_, suites_[i].suite, test)) {
          picked_[i].insert(test.name());
        }
      }
    }
    for (std::size_t i = 0; i < picked_.size(); ++i) {
      const std::set<std::string> roots = picked_[i];
      for (const std::string& name : roots) RETURN_IF_ERROR(Want(i, name));
    }
    return Result();
  }

 private:
  absl::Status Want(std::size_t index, const std::string& name) {
    if (!wanted_[index].insert(name).second) return absl::OkStatus();
    const v1::Suite& suite = suites_[index].suite;
    for (const v1::Test& test : suite.tests()) {
      if (test.name() != name) continue;
      ASSIGN_OR_RETURN(const auto refs, OthersNamed(suite, test));
      for (const auto& ref : refs) {
        ASSIGN_OR_RETURN(const std::size_t other,
                         ref.suite.empty() ? index : FindSuite(ref.suite));
        RETURN_IF_ERROR(Want(other, ref.test));
      }
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat(suite.name(), " has no test ", name));
  }

  absl::StatusOr<std::size_t> FindSuite(const std::string& id) {
    const std::string name = absl::StrCat(kPrefix, id);
    for (std::size_t i = 0; i < suites_.size(); ++i) {
      if (suites_[i].suite.name() == name) return i;
    }
    ASSIGN_OR_RETURN(SelectedSuite found, OfDaemon(name, request_, catalog_));
    suites_.push_back(std::move(found));
    wanted_.emplace_back();
    picked_.emplace_back();
    return suites_.size() - 1;
  }

  absl::StatusOr<std::vector<SelectedSuite>> Result() const {
    std::vector<SelectedSuite> selected;
    for (std::size_t i = 0; i < suites_.size(); ++i) {
      if (wanted_[i].empty()) continue;
      SelectedSuite& chosen = selected.emplace_back();
      chosen = suites_[i];
      chosen.suite.clear_tests();
      for (const v1::Test& test : suites_[i].suite.tests()) {
        if (!wanted_[i].contains(test.name())) continue;
        *chosen.suite.add_tests() = test;
        if (!picked_[i].contains(test.name())) {
          chosen.needed.insert(test.name());
        }
      }
    }
    if (selected.empty()) return NothingMatches();
    return selected;
  }

  absl::Status NothingMatches() const {
    std::vector<std::string> names;
    for (const SelectedSuite& chosen : suites_) {
      for (const v1::Test& test : chosen.suite.tests()) {
        names.push_back(test.name());
      }
    }
    std::string message = "no test matches";
    if (!request_.tests().empty()) {
      absl::StrAppend(&message, " tests ",
                      absl::StrJoin(request_.tests(), ", "));
      const std::string nearest = Nearest(request_.tests(0), names);
      if (!nearest.empty()) {
        absl::StrAppend(&message, " (did you mean ", nearest, "?)");
      }
    }
    if (!request_.tags().empty()) {
      absl::StrAppend(&message, " with tags ",
                      absl::StrJoin(request_.tags(), ", "));
    }
    return WithResource(absl::NotFoundError(message), "perfrig.v1.Test",
                        absl::StrJoin(request_.tests(), ", "));
  }

  const v1::StartRunRequest& request_;
  suites::Catalog& catalog_;
  // Those that are added leave the others where they are.
  std::deque<SelectedSuite> suites_;
  // By suite: tests to run; of those, the ones asked for.
  std::vector<std::set<std::string>> wanted_;
  std::vector<std::set<std::string>> picked_;
};

bool NeverEnds(const v1::Load& load) {
  if (load.has_duration()) return false;
  return load.rate() != 0 || (load.users() > 0 && load.iterations() == 0 &&
                              load.iterations_per_user() == 0);
}

// Of the suite, so that the field alone does not have to tell which it is.
absl::Status OfSuite(const v1::Suite& suite,
                     std::vector<v1::Problem> problems) {
  for (v1::Problem& problem : problems) problem.set_file(suite.name());
  return problems.empty() ? absl::OkStatus() : suites::ToStatus(problems);
}

// What a test does not say itself is as its suite has it.
void TakeDefaults(const v1::Defaults& defaults, v1::Test& test) {
  if (defaults.has_warmup() && !test.has_warmup() && !test.warmup_auto()) {
    *test.mutable_warmup() = defaults.warmup();
  }
  if (test.rounds() == 0) test.set_rounds(defaults.rounds());
  if (defaults.has_time_limit() && !test.has_time_limit()) {
    *test.mutable_time_limit() = defaults.time_limit();
  }
}

// Overrides of the whole run; what comes out is checked again.
absl::Status Apply(const v1::StartRunRequest& request, v1::Suite& suite) {
  if (!request.has_load() && request.rounds() == 0 &&
      request.targets().empty()) {
    return absl::OkStatus();
  }
  if (!request.targets().empty()) {
    *suite.mutable_targets() = request.targets();
  }
  std::vector<v1::Problem> refused;
  for (v1::Test& test : *suite.mutable_tests()) {
    if (!request.targets().empty()) test.clear_targets();
    if (request.has_load() && !test.groups().empty()) {
      v1::Problem& problem = refused.emplace_back();
      problem.set_field(absl::StrCat("tests.", test.name(), ".groups"));
      problem.set_message(
          "have loads of their own, which cannot be replaced: leave the test "
          "out, or ask for no other load");
    } else if (request.has_load()) {
      *test.mutable_load() = Override(test.load(), request.load());
      if (NeverEnds(test.load())) {
        v1::Problem& problem = refused.emplace_back();
        problem.set_field(absl::StrCat("tests.", test.name(), ".load"));
        problem.set_message(
            "never ends when it is replaced so: ask for a duration, too "
            "(load.duration, perfrig run --duration)");
      }
    }
    if (request.rounds() != 0) test.set_rounds(request.rounds());
  }
  RETURN_IF_ERROR(OfSuite(suite, std::move(refused)));
  return OfSuite(suite, suites::CheckSuite(suite));
}

}  // namespace

std::set<std::string> TargetsOf(const std::vector<SelectedSuite>& selected) {
  std::set<std::string> all;
  for (const SelectedSuite& chosen : selected) {
    for (const v1::Test& test : chosen.suite.tests()) {
      const auto targets = suites::TargetsOf(chosen.suite, test);
      all.insert(targets.begin(), targets.end());
    }
  }
  return all;
}

absl::StatusOr<std::vector<suites::MetricRef>> OthersNamed(
    const v1::Suite& suite, const v1::Test& test) {
  ASSIGN_OR_RETURN(std::vector<suites::MetricRef> refs,
                   suites::FiguresNamed(suite, test));
  std::erase_if(refs, [](const suites::MetricRef& ref) {
    return ref.test.empty() && ref.suite.empty();
  });
  return refs;
}

v1::Load Override(const v1::Load& load, const v1::Load& overrides) {
  v1::Load result = load;
  // Rates out of range, too: the check names them.
  if (overrides.users() > 0 || overrides.rate() != 0 || overrides.burst() > 0 ||
      overrides.stages_size() > 0 || overrides.has_search()) {
    result.clear_search();
    result.clear_users();
    result.clear_rate();
    result.clear_burst();
    result.clear_sessions();
    result.clear_stages();
    if (overrides.users() == 0) {
      result.clear_think();
      result.clear_iterations();
      result.clear_iterations_per_user();
      result.clear_connection_per_user();
    } else {
      result.clear_arrivals();
      result.clear_burstiness();
      result.clear_max_in_flight();
    }
  }
  // One end replaces the other.
  if (overrides.has_duration()) {
    result.clear_iterations();
    result.clear_iterations_per_user();
  }
  if (overrides.iterations() > 0 || overrides.iterations_per_user() > 0) {
    result.clear_duration();
    result.clear_iterations();
    result.clear_iterations_per_user();
  }
  if (overrides.connections() > 0) result.clear_connection_per_user();
  result.MergeFrom(overrides);
  return result;
}

absl::StatusOr<std::vector<SelectedSuite>> Select(
    const v1::StartRunRequest& request, suites::Catalog& catalog) {
  if (request.rounds() > kMostRounds) {
    return BadField("rounds", absl::StrCat("must be 1 to ", kMostRounds,
                                           ", got ", request.rounds()));
  }
  ASSIGN_OR_RETURN(std::vector<SelectedSuite> suites,
                   Collector(request, catalog).Collect());
  ASSIGN_OR_RETURN(std::vector<SelectedSuite> selected,
                   Picker(request, catalog, std::move(suites)).Pick());
  for (SelectedSuite& chosen : selected) {
    for (v1::Test& test : *chosen.suite.mutable_tests()) {
      TakeDefaults(chosen.suite.defaults(), test);
    }
    RETURN_IF_ERROR(Apply(request, chosen.suite));
  }
  return selected;
}

}  // namespace perfrig::runs
