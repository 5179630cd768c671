#include "server/targets/template_check.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace perfrig::targets {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr std::size_t kDeepest = 32;
constexpr std::size_t kLargestVariables = 1U << 20;
constexpr std::size_t kLongestName = 100;

absl::Status WrongAt(std::string_view text, std::size_t at,
                     const std::string& rule) {
  const auto line = 1 + std::count(text.begin(), text.begin() + at, '\n');
  return absl::InvalidArgumentError(
      absl::StrCat("text: line ", line, ": ", rule));
}

bool IsName(std::string_view name) {
  const auto fits = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), fits);
}

std::string Shown(std::string_view marker) {
  return absl::StrCat("got \"{{", std::string(marker.substr(0, 100)), "}}\"");
}

// One marker after the other.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  absl::Status Check() {
    for (std::size_t at = text_.find("{{"); at != std::string_view::npos;
         at = text_.find("{{", at)) {
      const std::size_t end = text_.find("}}", at);
      if (end == std::string_view::npos) {
        return WrongAt(text_, at, "a marker must end with \"}}\"");
      }
      absl::Status checked =
          CheckMarker(at, text_.substr(at + 2, end - at - 2));
      if (!checked.ok()) return checked;
      at = end + 2;
    }
    if (open_.empty()) return absl::OkStatus();
    return WrongAt(text_, text_.size(),
                   absl::StrCat("\"{{#", std::string(open_.back()),
                                "}}\" must be closed"));
  }

 private:
  absl::Status CheckMarker(std::size_t at, std::string_view marker) {
    if (!marker.empty() && marker[0] == '!') return absl::OkStatus();
    const bool opens = !marker.empty() && marker[0] == '#';
    const bool closes = !marker.empty() && marker[0] == '/';
    std::string_view name = marker.substr(opens || closes ? 1 : 0);
    if (!opens && !closes) {
      const std::size_t colon = name.find(':');
      if (colon != std::string_view::npos && name.substr(colon) != ":none") {
        return WrongAt(
            text_, at,
            "a variable may be followed by \":none\" only, " + Shown(marker));
      }
      name = name.substr(0, colon);
    }
    if (!IsName(name)) {
      return WrongAt(text_, at,
                     "a marker must be a name of 1 to 100 letters, digits and "
                     "\"_\", or \"#\" or \"/\" and one, " +
                         Shown(marker));
    }
    if (opens) {
      open_.push_back(name);
      if (open_.size() <= kDeepest) return absl::OkStatus();
      return WrongAt(
          text_, at,
          absl::StrCat("sections must be at most ", kDeepest, " deep"));
    }
    if (!closes) return absl::OkStatus();
    if (open_.empty() || open_.back() != name) {
      return WrongAt(
          text_, at,
          "must close the section that was opened last, " + Shown(marker));
    }
    open_.pop_back();
    return absl::OkStatus();
  }

  const std::string_view text_;
  std::vector<std::string_view> open_;
};

bool IsDeeper(const Value& value, std::size_t levels);

bool IsDeeper(const Struct& fields, std::size_t levels) {
  if (levels == 0) return true;
  return std::any_of(fields.fields().begin(), fields.fields().end(),
                     [levels](const auto& field) {
                       return IsDeeper(field.second, levels - 1);
                     });
}

bool IsDeeper(const Value& value, std::size_t levels) {
  if (value.has_struct_value()) return IsDeeper(value.struct_value(), levels);
  if (!value.has_list_value()) return false;
  if (levels == 0) return true;
  const auto& items = value.list_value().values();
  return std::any_of(items.begin(), items.end(), [levels](const Value& item) {
    return IsDeeper(item, levels - 1);
  });
}

}  // namespace

absl::Status CheckTemplate(std::string_view text) {
  if (text.size() > kLargestTemplate) {
    return absl::InvalidArgumentError(
        absl::StrCat("text: must have at most ", kLargestTemplate,
                     " bytes, got ", text.size()));
  }
  return Checker(text).Check();
}

absl::Status CheckVariables(const Struct& variables) {
  if (variables.ByteSizeLong() > kLargestVariables) {
    return absl::InvalidArgumentError(
        absl::StrCat("variables: must have at most ", kLargestVariables,
                     " bytes, got ", variables.ByteSizeLong()));
  }
  if (IsDeeper(variables, kDeepest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("variables: must be at most ", kDeepest, " deep"));
  }
  return absl::OkStatus();
}

}  // namespace perfrig::targets
