#include "server/suites/template_words.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/suites/quantity.h"

namespace perfrig::suites {
namespace {

constexpr double kLargest = 64.0 * 1024 * 1024;

}  // namespace

TemplateWords SplitWords(std::string_view text) {
  TemplateWords words;
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      word.push_back(c);
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::optional<std::int64_t> WholeNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

absl::StatusOr<std::size_t> SizeOf(const TemplateWords& words) {
  const std::string& name = words[0];
  const std::optional<Number> size = ParseNumber(words[1]);
  if (!size.has_value() || size->quantity.seconds != 0 ||
      size->quantity.flavor == Flavor::kShare ||
      size->value != std::floor(size->value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{", name, "}} needs a size: {{", name, " 10KB}}"));
  }
  if (size->value > kLargest) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{", name, "}} gives at most 64MiB, got ", words[1]));
  }
  return static_cast<std::size_t>(size->value);
}

}  // namespace perfrig::suites
