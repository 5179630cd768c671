#include "common/yaml/problem_log.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::yaml {
namespace {

constexpr std::size_t kMostKept = 1'000;
constexpr std::size_t kMostTold = 200;

// "a.b[0]" is within "a" and "a.b"; a field is within itself.
bool IsWithin(std::string_view field, std::string_view outer) {
  if (outer.empty() || field == outer) return true;
  return field.size() > outer.size() &&
         field.substr(0, outer.size()) == outer &&
         (field[outer.size()] == '.' || field[outer.size()] == '[');
}

auto Position(const v1::Problem& problem) {
  return std::tuple(problem.line(), problem.column());
}

}  // namespace

void ProblemLog::Mark(const std::string& field, const Node& node) {
  constexpr std::size_t kLongest = 1'000;
  if (field.size() <= kLongest) marks_[field] = &node;
}

const Node* ProblemLog::Find(const std::string& field) const {
  const auto found = marks_.find(field);
  return found == marks_.end() ? nullptr : found->second;
}

void ProblemLog::Add(const Node& node, std::string field, std::string message) {
  AddAt(node.place, std::move(field), std::move(message));
}

void ProblemLog::Add(std::string field, std::string message) {
  std::string around = field;
  const Node* node = Find(around);
  while (node == nullptr && !around.empty()) {
    const std::size_t cut = around.find_last_of(".[");
    around.resize(cut == std::string::npos ? 0 : cut);
    node = Find(around);
  }
  AddAt(node == nullptr ? Place() : node->place, std::move(field),
        std::move(message));
}

void ProblemLog::AddAt(Place place, std::string field, std::string message) {
  if (problems_.size() < kMostKept) concerned_.push_back(field);
  Keep(place, std::move(field), std::move(message));
}

void ProblemLog::AddBeside(const Node& node, std::string field,
                           std::string message) {
  Keep(node.place, std::move(field), std::move(message));
}

void ProblemLog::Keep(Place place, std::string field, std::string message) {
  if (problems_.size() == kMostKept) {
    ++more_;
    return;
  }
  v1::Problem problem;
  problem.set_file(file_);
  problem.set_line(static_cast<std::uint32_t>(std::max(place.line, 0)));
  problem.set_column(static_cast<std::uint32_t>(std::max(place.column, 0)));
  problem.set_field(std::move(field));
  problem.set_message(std::move(message));
  problems_.push_back(std::move(problem));
}

bool ProblemLog::Concerns(std::string_view field) const {
  return std::any_of(
      concerned_.begin(), concerned_.end(), [&](const std::string& concerned) {
        return IsWithin(field, concerned) || IsWithin(concerned, field);
      });
}

std::vector<v1::Problem> ProblemLog::Take() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const v1::Problem& a, const v1::Problem& b) {
                     return Position(a) < Position(b);
                   });
  if (problems_.size() > kMostTold) {
    const std::size_t more = more_ + problems_.size() - kMostTold;
    problems_.resize(kMostTold);
    AddAt({}, "", absl::StrCat("and ", more, " more"));
  }
  return std::move(problems_);
}

std::string PlaceText(const v1::Problem& problem) {
  if (problem.line() == 0) return problem.file();
  return absl::StrCat(problem.file(), ":", problem.line(), ":",
                      problem.column());
}

std::string ProblemText(const v1::Problem& problem) {
  std::string text = PlaceText(problem);
  if (!text.empty()) text += ": ";
  if (!problem.field().empty()) absl::StrAppend(&text, problem.field(), " ");
  return text + problem.message();
}

}  // namespace perfrig::yaml
