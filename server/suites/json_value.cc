#include "server/suites/json_value.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/utf8.h"
#include "server/suites/lexer.h"

namespace perfrig::suites {
namespace {

constexpr int kDeepest = 64;

void AppendUtf8(std::uint32_t code, std::string& out) {
  const auto add = [&](std::uint32_t byte) {
    out.push_back(static_cast<char>(byte));
  };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | (code >> 6));
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | (code >> 12));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | (code >> 18));
    add(0x80 | ((code >> 12) & 0x3F));
    add(0x80 | ((code >> 6) & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::StatusOr<JsonValue> Whole() {
    ASSIGN_OR_RETURN(JsonValue value, Value());
    Skip();
    if (at_ != text_.size()) return Unexpected("the end");
    return value;
  }

 private:
  absl::StatusOr<JsonValue> Value() {
    if (depth_ == kDeepest) {
      return ErrorAt(at_, absl::StrCat("more than ", kDeepest, " levels deep"));
    }
    ++depth_;
    Skip();
    JsonValue value;
    value.begin = at_;
    const absl::Status status = Fill(value);
    --depth_;
    RETURN_IF_ERROR(status);
    value.end = at_;
    return value;
  }

  absl::Status Fill(JsonValue& value) {
    if (text_.substr(at_).starts_with("{{")) return Bare(value);
    if (At('{')) return Children(value, JsonValue::Kind::kObject, '}');
    if (At('[')) return Children(value, JsonValue::Kind::kArray, ']');
    if (At('"')) {
      value.kind = JsonValue::Kind::kText;
      return Text(value.text);
    }
    return Scalar(value);
  }

  // A template without quotes.
  absl::Status Bare(JsonValue& value) {
    const std::size_t end = text_.find("}}", at_);
    if (end == std::string_view::npos) {
      return ErrorAt(at_, "{{ is not closed by }}");
    }
    value.kind = JsonValue::Kind::kTemplate;
    value.text = std::string(text_.substr(at_, end + 2 - at_));
    at_ = end + 2;
    return absl::OkStatus();
  }

  absl::Status Children(JsonValue& value, JsonValue::Kind kind, char close) {
    value.kind = kind;
    ++at_;
    Skip();
    if (At(close)) {
      ++at_;
      return absl::OkStatus();
    }
    while (true) {
      if (kind == JsonValue::Kind::kObject) RETURN_IF_ERROR(Key(value));
      ASSIGN_OR_RETURN(JsonValue child, Value());
      value.children.push_back(std::move(child));
      Skip();
      const bool more = At(',');
      if (!more && !At(close)) {
        return Unexpected(absl::StrCat("',' or '", std::string(1, close), "'"));
      }
      ++at_;
      if (!more) return absl::OkStatus();
    }
  }

  absl::Status Key(JsonValue& value) {
    Skip();
    if (!At('"')) return Unexpected("a key in quotes");
    JsonKey key;
    key.begin = at_;
    RETURN_IF_ERROR(Text(key.text));
    key.end = at_;
    for (const JsonKey& other : value.keys) {
      if (other.text == key.text) {
        return ErrorAt(key.begin,
                       absl::StrCat("\"", key.text, "\" stands here twice"));
      }
    }
    value.keys.push_back(std::move(key));
    Skip();
    if (!At(':')) return Unexpected("':'");
    ++at_;
    return absl::OkStatus();
  }

  absl::Status Scalar(JsonValue& value) {
    const std::size_t end = text_.find_first_of(" \t\r\n,]}", at_);
    const std::string_view word =
        text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    const std::string_view digits =
        word.starts_with('-') ? word.substr(1) : word;
    const bool number =
        !digits.empty() && digits[0] >= '0' && digits[0] <= '9' &&
        digits.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
    if (!number && word != "true" && word != "false" && word != "null") {
      return Unexpected("a value");
    }
    value.text = std::string(word);
    at_ += word.size();
    return absl::OkStatus();
  }

  absl::Status Text(std::string& out) {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        return ErrorAt(at_, "control characters in strings are written \\n");
      }
      if (text_[at_] == '\\') {
        RETURN_IF_ERROR(Escape(out));
      } else {
        out.push_back(text_[at_++]);
      }
    }
    if (at_ == text_.size()) return ErrorAt(begin, "the quote is not closed");
    ++at_;
    return absl::OkStatus();
  }

  absl::Status Escape(std::string& out) {
    constexpr std::string_view kCodes = "\"\\/bfnrt";
    constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
    const std::size_t begin = at_++;
    const char code = at_ < text_.size() ? text_[at_++] : '\0';
    const std::size_t known = kCodes.find(code);
    if (code != '\0' && known != std::string_view::npos) {
      out.push_back(kBytes[known]);
      return absl::OkStatus();
    }
    std::optional<std::uint32_t> unit;
    if (code == 'u') unit = HexUnit();
    if (unit.has_value() && *unit >= 0xD800 && *unit < 0xDC00 &&
        text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      const std::optional<std::uint32_t> low = HexUnit();
      const bool pair = low.has_value() && *low >= 0xDC00 && *low < 0xE000;
      unit = pair ? std::optional<std::uint32_t>(
                        0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00))
                  : std::nullopt;
    }
    if (!unit.has_value() || (*unit >= 0xD800 && *unit < 0xE000)) {
      return ErrorAt(begin, "unknown escape in a string");
    }
    AppendUtf8(*unit, out);
    return absl::OkStatus();
  }

  std::optional<std::uint32_t> HexUnit() {
    if (text_.size() - at_ < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const std::size_t digit =
          std::string_view("0123456789abcdef").find(c | (c > '9' ? 0x20 : 0));
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return value;
  }

  void Skip() {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
    at_ = next == std::string_view::npos ? text_.size() : next;
  }

  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }

  absl::Status Unexpected(std::string_view wanted) const {
    const std::string found =
        at_ == text_.size()
            ? "the end"
            : absl::StrCat("'", std::string(1, text_[at_]), "'");
    return ErrorAt(at_, absl::StrCat("JSON: expected ", std::string(wanted),
                                     ", got ", found));
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

absl::StatusOr<JsonValue> ParseJson(std::string_view text) {
  if (!IsValidUtf8(text)) {
    return absl::InvalidArgumentError("JSON: is not UTF-8");
  }
  return Reader(text).Whole();
}

void AppendJsonEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> code;
      std::snprintf(code.data(), code.size(), "\\u%04x", c);
      out.append(code.data());
    } else {
      out.push_back(c);
    }
  }
}

bool HasTemplate(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

}  // namespace perfrig::suites
