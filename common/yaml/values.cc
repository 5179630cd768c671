#include "common/yaml/values.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace perfrig::yaml {
namespace {

using Unit = std::pair<std::string_view, double>;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t SkipDigits(std::string_view text, std::size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

// A number followed by one of the units, longest first.
template <std::size_t n>
std::optional<double> ParseWithUnit(std::string_view text,
                                    const std::array<Unit, n>& units) {
  for (const auto& [name, factor] : units) {
    if (!text.ends_with(name)) continue;
    text.remove_suffix(name.size());
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto number = ParseNumberText(text);
    if (!number) return std::nullopt;
    return *number * factor;
  }
  return std::nullopt;
}

void AppendMap(const Node& node, std::string& json) {
  json += '{';
  for (const Entry& entry : node.entries) {
    if (json.back() != '{') json += ',';
    absl::StrAppend(&json, QuoteJson(entry.key.text), ":", ToJson(entry.value));
  }
  json += '}';
}

void AppendList(const Node& node, std::string& json) {
  json += '[';
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (i > 0) json += ',';
    json += ToJson(node.items[i]);
  }
  json += ']';
}

std::string ScalarJson(const Node& node) {
  if (node.quoted) return QuoteJson(node.text);
  if (const auto flag = ParseFlag(node.text)) return *flag ? "true" : "false";
  if (IsJsonNumber(node.text)) return node.text;
  // As protobuf's JSON writes them.
  if (node.text == ".inf") return "\"Infinity\"";
  if (node.text == "-.inf") return "\"-Infinity\"";
  if (node.text == ".nan") return "\"NaN\"";
  return QuoteJson(node.text);
}

}  // namespace

std::optional<google::protobuf::Duration> ParseTime(std::string_view text) {
  absl::Duration time;
  if (!absl::ParseDuration(std::string(text), &time)) return std::nullopt;
  if (time == absl::InfiniteDuration() || time == -absl::InfiniteDuration()) {
    return std::nullopt;
  }
  constexpr std::int64_t kMostSeconds = 315'576'000'000;
  google::protobuf::Duration result;
  absl::Duration rest;
  const std::int64_t seconds =
      absl::IDivDuration(time, absl::Seconds(1), &rest);
  if (seconds > kMostSeconds || seconds < -kMostSeconds) return std::nullopt;
  result.set_seconds(seconds);
  result.set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
  return result;
}

std::optional<double> ParseNumberText(std::string_view text) {
  if (text == ".nan" || text == ".NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == ".inf") return std::numeric_limits<double>::infinity();
  if (text == "-.inf") return -std::numeric_limits<double>::infinity();
  double number = 0;
  if (!absl::SimpleAtod(std::string(text), &number)) return std::nullopt;
  return number;
}

std::optional<double> ParseRate(std::string_view text) {
  constexpr std::array<Unit, 4> kUnits = {
      {{"/s", 1}, {"/m", 1.0 / 60}, {"/h", 1.0 / 3600}, {"", 1}}};
  return ParseWithUnit(text, kUnits);
}

std::optional<double> ParseSize(std::string_view text) {
  constexpr std::array<Unit, 8> kUnits = {{{"KiB", 1024},
                                           {"MiB", 1024.0 * 1024},
                                           {"GiB", 1024.0 * 1024 * 1024},
                                           {"KB", 1e3},
                                           {"MB", 1e6},
                                           {"GB", 1e9},
                                           {"B", 1},
                                           {"", 1}}};
  if (text.ends_with("/s")) text.remove_suffix(2);
  return ParseWithUnit(text, kUnits);
}

std::optional<double> ParseShare(std::string_view text) {
  constexpr std::array<Unit, 2> kUnits = {{{"%", 0.01}, {"", 1}}};
  return ParseWithUnit(text, kUnits);
}

std::optional<bool> ParseFlag(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::string ToJson(const Node& node) {
  std::string json;
  switch (node.kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kScalar:
      return ScalarJson(node);
    case Node::Kind::kSequence:
      AppendList(node, json);
      return json;
    case Node::Kind::kMap:
      AppendMap(node, json);
      return json;
  }
  return json;
}

std::string QuoteJson(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x",
                    static_cast<unsigned>(c));
      json += escape.data();
    } else {
      json += c;
    }
  }
  return json + '"';
}

bool IsJsonNumber(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = SkipDigits(text, at);
  if (whole == at || (whole > at + 1 && text[at] == '0')) return false;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = SkipDigits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = SkipDigits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

std::string Shown(const Node& node) {
  constexpr std::size_t kMost = 60;
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kScalar:
      break;
  }
  if (node.text.size() <= kMost) return absl::StrCat("\"", node.text, "\"");
  std::size_t end = kMost;
  // Not within a character.
  while (end > 0 && (node.text[end] & 0xC0) == 0x80) --end;
  return absl::StrCat("\"", node.text.substr(0, end), "…\"");
}

}  // namespace perfrig::yaml
