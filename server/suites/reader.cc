#include "server/suites/reader.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/yaml/check.h"
#include "common/yaml/problem_log.h"
#include "common/yaml/text.h"
#include "common/yaml/tree.h"
#include "server/suites/suite_reader.h"

namespace perfrig::suites {
namespace {

// Splits "column 5: no such metric" of a threshold into number and rest; 0
// where there is none.
std::pair<int, std::string_view> SplitColumn(std::string_view message) {
  constexpr std::string_view kColumn = "column ";
  const std::size_t colon = message.find(": ");
  int column = 0;
  if (!message.starts_with(kColumn) || colon == std::string_view::npos ||
      !absl::SimpleAtoi(
          std::string(message.substr(kColumn.size(), colon - kColumn.size())),
          &column) ||
      column < 1) {
    return {0, message};
  }
  return {column, message.substr(colon + 2)};
}

// Where a text begins that stands in the file letter by letter; nothing where
// it was folded, escaped or filled in.
std::optional<yaml::Place> TextPlace(const yaml::Node& node,
                                     std::string_view source) {
  if (node.place.line < 1 || node.place.column < 1) return std::nullopt;
  std::string_view line = yaml::LineOf(source, node.place.line);
  const int offset = node.place.column - 1 + (node.quoted ? 1 : 0);
  if (static_cast<std::size_t>(offset) > line.size()) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(offset));
  if (!line.starts_with(node.text)) return std::nullopt;
  return yaml::Place{node.place.line, offset + 1};
}

// A problem of the message finds its place in the file.
void AddPlaced(const v1::Problem& problem, std::string_view source,
               yaml::ProblemLog& log) {
  const auto [column, rest] = SplitColumn(problem.message());
  const yaml::Node* node = log.Find(problem.field());
  if (column > 0 && node != nullptr) {
    if (const auto place = TextPlace(*node, source)) {
      log.AddAt({place->line, place->column + column - 1}, problem.field(),
                std::string(rest));
      return;
    }
  }
  log.Add(problem.field(), problem.message());
}

}  // namespace

ReadResult ReadSuite(const v1::SuiteSource& source,
                     const Surroundings& around) {
  yaml::ProblemLog log(source.file_name().empty() ? "suite.yaml"
                                                  : source.file_name());
  const std::string_view text = yaml::WithoutMark(source.text());
  yaml::Tree tree = yaml::Parse(text);
  if (tree.error) {
    log.AddAt(tree.error->place, "", tree.error->message);
    return {std::nullopt, log.Take()};
  }
  if (tree.root.kind != yaml::Node::Kind::kMap) {
    log.AddAt({1, 1}, "",
              "is no suite: a suite begins with suite: NAME and has tests:");
    return {std::nullopt, log.Take()};
  }
  // Tests of one name are for CheckSuite to refuse.
  yaml::Prepare(tree.root, source.variables(), "tests", log);
  ReadResult result;
  result.suite = ReadSuiteTree(tree.root, log);
  // What could not be read is not complained about twice.
  std::vector<v1::Problem> more;
  const Supplied supplied = SuppliedWith(source);
  for (v1::Problem& problem : CheckSuite(*result.suite, &supplied, around)) {
    if (!log.Concerns(problem.field())) more.push_back(std::move(problem));
  }
  for (const v1::Problem& problem : more) AddPlaced(problem, text, log);
  result.problems = log.Take();
  return result;
}

}  // namespace perfrig::suites
