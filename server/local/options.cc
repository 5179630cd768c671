#include "server/local/options.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/strings/nearest.h"
#include "common/yaml/values.h"
#include "google/protobuf/util/json_util.h"

namespace perfrig::local {
namespace {

using google::protobuf::Value;

constexpr Nanos kLongest = 60 * kSecond;

std::string Shown(const Value& value) {
  switch (value.kind_case()) {
    case Value::kStringValue:
      return yaml::QuoteJson(value.string_value());
    case Value::kNumberValue:
      return NumberText(value.number_value());
    case Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case Value::kStructValue:
      return "a map";
    case Value::kListValue:
      return "a list";
    default:
      return "null";
  }
}

}  // namespace

Options::Options(std::string_view data) {
  if (data.empty()) return;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(std::string(data), &data_);
  if (parsed.ok()) return;
  Refuse("", absl::StrCat("must be a map: ", parsed.message().as_string()));
}

double Options::Number(const std::string& name, const NumberRange& range,
                       double otherwise) {
  const Value* const value = Find(name);
  if (value == nullptr) return otherwise;
  if (!value->has_number_value()) {
    Wrong(name, "must be a number", *value);
    return otherwise;
  }
  return InRange(name, value->number_value(), range, otherwise);
}

std::size_t Options::Count(const std::string& name, const NumberRange& range,
                           std::size_t otherwise) {
  const double number = Number(name, range, static_cast<double>(otherwise));
  if (number != std::floor(number)) {
    Refuse(name,
           absl::StrCat("must be a whole number, got ", NumberText(number)));
  }
  return static_cast<std::size_t>(number);
}

std::size_t Options::Size(const std::string& name, const NumberRange& range,
                          std::size_t otherwise) {
  const Value* const value = Find(name);
  if (value == nullptr) return otherwise;
  std::optional<double> bytes;
  if (value->has_number_value()) bytes = value->number_value();
  if (value->has_string_value()) bytes = yaml::ParseSize(value->string_value());
  if (!bytes) {
    Wrong(name, "must be a size such as 10KB", *value);
    return otherwise;
  }
  return static_cast<std::size_t>(
      InRange(name, *bytes, range, static_cast<double>(otherwise)));
}

Nanos Options::Time(const std::string& name, Nanos otherwise) {
  const Value* const value = Find(name);
  if (value == nullptr) return otherwise;
  std::optional<google::protobuf::Duration> time;
  if (value->has_string_value()) time = yaml::ParseTime(value->string_value());
  if (value->has_number_value() && value->number_value() == 0) time.emplace();
  if (!time) {
    Wrong(name, "must be a time such as 2ms", *value);
    return otherwise;
  }
  const absl::Duration exact = ToAbslDuration(*time);
  if (exact < absl::ZeroDuration() || exact > absl::Nanoseconds(kLongest)) {
    Wrong(name, "must be 0 to 1m", *value);
    return otherwise;
  }
  return absl::ToInt64Nanoseconds(exact);
}

bool Options::Flag(const std::string& name, bool otherwise) {
  const Value* const value = Find(name);
  if (value == nullptr) return otherwise;
  if (!value->has_bool_value()) {
    Wrong(name, "must be true or false", *value);
    return otherwise;
  }
  return value->bool_value();
}

std::string Options::Choice(const std::string& name,
                            const std::vector<std::string>& choices,
                            const std::string& otherwise) {
  const Value* const value = Find(name);
  if (value == nullptr) return otherwise;
  const std::string& text = value->string_value();
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
    return text;
  }
  Wrong(name, absl::StrCat("must be one of ", absl::StrJoin(choices, ", ")),
        *value);
  return otherwise;
}

void Options::Refuse(std::string name, std::string rule) {
  problems_.push_back({std::move(name), std::move(rule)});
}

std::vector<FieldProblem> Options::Problems() const {
  std::vector<FieldProblem> problems = problems_;
  for (const auto& [name, value] : data_.fields()) {
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    problems.push_back(
        {name,
         absl::StrCat("unknown key", DidYouMean(name, asked_), "; there are ",
                      asked_.empty() ? "none" : absl::StrJoin(asked_, ", "))});
  }
  std::stable_sort(problems.begin(), problems.end(),
                   [](const FieldProblem& a, const FieldProblem& b) {
                     return a.field < b.field;
                   });
  return problems;
}

absl::Status Options::Finish() const {
  std::string text;
  for (const FieldProblem& problem : Problems()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", "data",
                    problem.field.empty() ? "" : ".", problem.field, " ",
                    problem.message);
  }
  if (text.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(text);
}

const Value* Options::Find(const std::string& name) {
  asked_.push_back(name);
  const auto found = data_.fields().find(name);
  return found == data_.fields().end() ? nullptr : &found->second;
}

void Options::Wrong(const std::string& name, const std::string& rule,
                    const Value& value) {
  Refuse(name, absl::StrCat(rule, ", got ", Shown(value)));
}

double Options::InRange(const std::string& name, double value,
                        const NumberRange& range, double otherwise) {
  const std::size_t before = problems_.size();
  CheckNumber(value, range, name, problems_);
  return problems_.size() == before ? value : otherwise;
}

}  // namespace perfrig::local
