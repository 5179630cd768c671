#include "common/yaml/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/strings/utf8.h"

namespace perfrig::yaml {
namespace {

bool IsControl(char c) {
  return (static_cast<std::uint8_t>(c) < 0x20 && c != '\t' && c != '\n' &&
          c != '\r') ||
         c == 0x7F;
}

// The first line that is not UTF-8.
std::optional<Error> CheckLines(std::string_view text) {
  if (IsValidUtf8(text)) return std::nullopt;
  std::size_t start = 0;
  std::size_t end = text.find('\n');
  while (end != std::string_view::npos &&
         IsValidUtf8(text.substr(start, end - start))) {
    start = end + 1;
    end = text.find('\n', start);
  }
  return Error{PlaceOf(text, start), "this line is not UTF-8"};
}

// Where `wanted` first stands in a line outside of quotes and comments.
std::size_t FindUnquoted(std::string_view line, std::string_view wanted) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != 0) {
      if (quote == '"' && line[i] == '\\') ++i;
      if (i < line.size() && line[i] == quote) quote = 0;
    } else if (line.substr(i, wanted.size()) == wanted) {
      return i;
    } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ')) {
      return std::string_view::npos;
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view WithoutMark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

std::string_view LineOf(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find_first_of("\r\n"));
}

Place PlaceOf(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t start = before.rfind('\n') + 1;
  return {
      1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
      1 + static_cast<int>(before.size() - start),
  };
}

std::optional<Error> CheckText(std::string_view text) {
  if (text.size() > kMostBytes) {
    return Error{{1, 1},
                 absl::StrCat("a file has at most 1 MB, this one has ",
                              text.size(), " bytes")};
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (IsControl(text[at])) {
      return Error{PlaceOf(text, at),
                   absl::StrCat("control character ",
                                static_cast<int>(text[at]), " is not allowed")};
    }
  }
  return CheckLines(text);
}

Error ExplainSyntaxError(std::string_view text, Place place,
                         const std::string& message) {
  const std::string_view line = LineOf(text, place.line);
  const std::size_t indent =
      line.substr(0, line.find_first_not_of(" \t")).find('\t');
  if (indent != std::string_view::npos) {
    return {{place.line, static_cast<int>(indent) + 1},
            "a tab stands here: indent with spaces"};
  }
  constexpr std::array<const char*, 2> kBraces = {"{{", "${"};
  for (const char* braces : kBraces) {
    const std::size_t at = FindUnquoted(line, braces);
    if (at != std::string_view::npos) {
      return {{place.line, static_cast<int>(at) + 1},
              absl::StrCat(braces, " begins a map in YAML: quote it, as in \"",
                           braces[0] == '$' ? "${NAME}" : "t-{{seq}}", "\"")};
    }
  }
  if (message == "illegal map value") {
    return {place,
            "is no YAML: a colon that begins no value; put text that "
            "has a colon in quotes"};
  }
  return {place, absl::StrCat("is no YAML: ", message)};
}

bool IsQuoteClosed(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return true;
  const char quote = text[offset];
  if (quote != '"' && quote != '\'') return true;
  for (std::size_t i = offset + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      // Two single quotes are one of the text.
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) {
        return true;
      }
      ++i;
    }
  }
  return false;
}

}  // namespace perfrig::yaml
