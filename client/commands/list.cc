#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/views/report.h"
#include "client/views/suite_list.h"
#include "client/views/verdict.h"
#include "common/strings/glob.h"
#include "common/suites/tags.h"

namespace perfrig {
namespace {

struct Options {
  std::string pattern;
  std::vector<std::string> tags;
  bool tests = false;
  bool names = false;
  bool local = false;
};

// What the options take of the daemon's suites.
struct Choice {
  // For the daemon.
  std::string suites = {};
  // Over "suite" or "test"; empty: all.
  std::string either = {};
  // Over tests; empty: all.
  std::string tests = {};
  bool by_test = false;
};

Choice ChoiceOf(const Options& options) {
  constexpr std::string_view kPrefix = "suites/";
  std::string pattern = options.pattern;
  if (pattern.starts_with(kPrefix)) pattern = pattern.substr(kPrefix.size());
  const std::size_t slash = pattern.find('/');
  if (slash != std::string::npos) {
    return {.suites = pattern.substr(0, slash),
            .tests = pattern.substr(slash + 1),
            .by_test = true};
  }
  if (options.tests) return {.either = pattern, .by_test = true};
  return {.suites = pattern};
}

bool Takes(const Choice& choice, const v1::Suite& suite, const v1::Test& test) {
  if (!choice.tests.empty() && !MatchesGlob(choice.tests, test.name())) {
    return false;
  }
  return choice.either.empty() || MatchesGlob(choice.either, test.name()) ||
         MatchesGlob(choice.either, ShortName(suite.name()));
}

// Suites with the tests that are meant; without those that have none.
void Filter(const Choice& choice, const Options& options,
            v1::ListSuitesResponse& list) {
  if (choice.tests.empty() && choice.either.empty() && options.tags.empty()) {
    return;
  }
  const google::protobuf::RepeatedPtrField<std::string> tags(
      options.tags.begin(), options.tags.end());
  v1::ListSuitesResponse filtered;
  for (v1::Suite& suite : *list.mutable_suites()) {
    v1::Suite& taken = *filtered.add_suites();
    taken = suite;
    taken.clear_tests();
    for (v1::Test& test : *suite.mutable_tests()) {
      if (!Takes(choice, suite, test) || !HasTags(suite, test, tags)) continue;
      *taken.add_tests() = std::move(test);
    }
    if (taken.tests().empty()) filtered.mutable_suites()->RemoveLast();
  }
  *list.mutable_suites() = std::move(*filtered.mutable_suites());
}

std::string Names(const v1::ListSuitesResponse& list, bool by_test) {
  std::string text;
  for (const auto& suite : list.suites()) {
    const std::string name = ShortName(suite.name());
    if (!by_test) absl::StrAppend(&text, name, "\n");
    for (const auto& test : suite.tests()) {
      if (by_test) absl::StrAppend(&text, name, "/", test.name(), "\n");
    }
  }
  return text;
}

std::string NothingText(const Options& options, const Choice& choice) {
  if (options.pattern.empty() && options.tags.empty()) {
    return "The daemon has no suites.";
  }
  const char* what = choice.by_test ? "No test's" : "No suite's";
  std::string text =
      options.pattern.empty()
          ? "No test"
          : absl::StrCat(what, " name matches \"", options.pattern, "\"");
  if (!options.tags.empty()) text += " with these tags";
  return text + ".";
}

int List(const Context& context, const Options& options) {
  const auto session = OpenSession(context, options.local);
  if (!session.ok()) return FailStart(context, session.status());
  DaemonClient& client = (*session)->client();
  const Choice choice = ChoiceOf(options);
  v1::ListSuitesRequest request;
  request.set_pattern(choice.suites);
  auto response =
      client.Call(client.suites(), &v1::Suites::Stub::ListSuites, request);
  if (response.ok()) Filter(choice, options, *response);
  const int code =
      PrintResponse(context, client, response, [&](const auto& list) {
        if (options.names) return Names(list, choice.by_test);
        const Style style = context.terminal.style;
        const int columns = context.terminal.columns;
        return choice.by_test ? RenderTestList(list, style, columns)
                              : RenderSuiteList(list, style, columns);
      });
  if (code != 0) return code;
  if (!context.json) PrintProblems(context.err, response->problems());
  if (!response->suites().empty()) return 0;
  return Fail(context, {kExitError, NothingText(options, choice)});
}

}  // namespace

void AddList(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "list", "Suites that can be run; with --tests or SUITE/TEST their tests");
  command->add_option("pattern", options->pattern,
                      "Only names like this; quote * and ?");
  command->add_flag("--tests", options->tests,
                    "A line a test, with what it measures");
  AddRepeated(*command, "--tag", options->tags,
              "Only tests with this tag; '!TAG': without it");
  command->add_flag("--names", options->names, "Names only, one a line");
  command->add_flag("--local", options->local,
                    "Ask a daemon started for this command");
  command->callback([&context, options] {
    context.chosen = [&context, options] { return List(context, *options); };
  });
}

}  // namespace perfrig
