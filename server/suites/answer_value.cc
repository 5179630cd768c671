#include "server/suites/answer_value.h"

#include <charconv>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::suites {
namespace {

std::optional<double> ReadNumber(std::string_view text) {
  double value = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

template <typename T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

bool IsNumeric(const AnswerValue& value) {
  return std::holds_alternative<std::int64_t>(value) ||
         std::holds_alternative<std::uint64_t>(value) ||
         std::holds_alternative<double>(value);
}

// Exact where both are whole.
std::optional<int> CompareNumbers(const AnswerValue& a, const AnswerValue& b) {
  const auto* signed_a = std::get_if<std::int64_t>(&a);
  const auto* signed_b = std::get_if<std::int64_t>(&b);
  const auto* unsigned_a = std::get_if<std::uint64_t>(&a);
  const auto* unsigned_b = std::get_if<std::uint64_t>(&b);
  if (signed_a && signed_b) return Order(*signed_a, *signed_b);
  if (unsigned_a && unsigned_b) return Order(*unsigned_a, *unsigned_b);
  if (signed_a && unsigned_b) {
    if (*signed_a < 0) return -1;
    return Order(static_cast<std::uint64_t>(*signed_a), *unsigned_b);
  }
  if (unsigned_a && signed_b) {
    if (*signed_b < 0) return 1;
    return Order(*unsigned_a, static_cast<std::uint64_t>(*signed_b));
  }
  const std::optional<double> left = ToNumber(a);
  const std::optional<double> right = ToNumber(b);
  if (!left.has_value() || !right.has_value()) return std::nullopt;
  return Order(*left, *right);
}

AnswerValue Simple(const AnswerValue& value, bool as_text) {
  const auto* item = std::get_if<EnumValue>(&value);
  if (item == nullptr) return value;
  return as_text ? AnswerValue(item->name) : AnswerValue(item->number);
}

}  // namespace

std::string ToText(const AnswerValue& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<T, bool>) {
          return v ? "true" : "false";
        } else if constexpr (std::is_same_v<T, EnumValue>) {
          return v.name;
        } else if constexpr (std::is_same_v<T, double>) {
          char buffer[32];
          // The shortest text that reads as the same number.
          const auto end = std::to_chars(buffer, buffer + sizeof(buffer), v);
          return std::string(buffer, end.ptr);
        } else {
          return absl::StrCat(v);
        }
      },
      value);
}

std::optional<double> ToNumber(const AnswerValue& value) {
  const std::optional<double> number = std::visit(
      [](const auto& v) -> std::optional<double> {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return std::nullopt;
        } else if constexpr (std::is_same_v<T, EnumValue>) {
          return static_cast<double>(v.number);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return ReadNumber(v);
        } else {
          return static_cast<double>(v);
        }
      },
      value);
  if (!number.has_value() || !std::isfinite(*number)) return std::nullopt;
  return number;
}

std::optional<int> Compare(const AnswerValue& a, const AnswerValue& b) {
  const auto is_text = [](const AnswerValue& v) {
    return std::holds_alternative<std::string>(v);
  };
  const AnswerValue left = Simple(a, is_text(b));
  const AnswerValue right = Simple(b, is_text(a));
  if (is_text(left) && is_text(right)) {
    return Order(std::get<std::string>(left), std::get<std::string>(right));
  }
  const auto* left_bool = std::get_if<bool>(&left);
  const auto* right_bool = std::get_if<bool>(&right);
  if (left_bool != nullptr && right_bool != nullptr) {
    return Order(*left_bool, *right_bool);
  }
  // "true" in a trailer.
  if (left_bool != nullptr && is_text(right)) {
    return Compare(ToText(left), right);
  }
  if (right_bool != nullptr && is_text(left)) {
    return Compare(left, ToText(right));
  }
  if (IsNumeric(left) || IsNumeric(right)) return CompareNumbers(left, right);
  return std::nullopt;
}

}  // namespace perfrig::suites
