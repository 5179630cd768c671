#include "server/tokens/claims.h"

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace perfrig::tokens {
namespace {

using nlohmann::json;

// Takes what stands at the top; looks into nothing deeper but an array of
// strings. The parser keeps its own stack, so that depth costs no recursion.
class Taker final : public json::json_sax_t {
 public:
  bool null() override { return Take(OtherValue()); }
  bool boolean(bool value) override { return Take(value); }
  bool number_integer(number_integer_t value) override {
    return Take(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Take(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    return Take(value);
  }
  bool string(string_t& value) override { return Take(std::move(value)); }
  bool binary(binary_t& value) override { return false; }

  bool start_object(std::size_t size) override {
    if (depth_ > 0) Take(OtherValue());
    ++depth_;
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t size) override {
    if (depth_ == 0) return Fail("is no object");
    Take(depth_ == 1 ? ClaimValue(std::vector<std::string>())
                     : ClaimValue(OtherValue()));
    ++depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    const auto [place, is_new] = claims_.try_emplace(name, OtherValue());
    value_ = &place->second;
    return is_new || Fail(absl::StrCat("has \"", name.substr(0, 100),
                                       "\" more than once"));
  }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    return Fail(absl::StrCat("is no JSON at byte ", position));
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }
  Claims Claimed() && { return std::move(claims_); }

 private:
  bool Take(ClaimValue value) {
    if (depth_ == 0) return Fail("is no object");
    if (depth_ == 1) {
      *value_ = std::move(value);
      return true;
    }
    // Within something that is kept only as an array of strings.
    auto* array = std::get_if<std::vector<std::string>>(value_);
    if (array == nullptr) return true;
    if (auto* text = std::get_if<std::string>(&value)) {
      array->push_back(std::move(*text));
    } else {
      *value_ = OtherValue();
    }
    return true;
  }

  bool Fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  Claims claims_;
  // Of the last key at the top.
  ClaimValue* value_ = nullptr;
  int depth_ = 0;
  std::string problem_;
};

template <class T>
const T* Find(const Claims& claims, std::string_view name) {
  const auto found = claims.find(name);
  return found == claims.end() ? nullptr : std::get_if<T>(&found->second);
}

// Whole numbers, as times are, without a fraction or an exponent.
json JsonOf(double number) {
  constexpr double kExact = 0x1p53;
  if (number > -kExact && number < kExact &&
      number == static_cast<double>(static_cast<std::int64_t>(number))) {
    return static_cast<std::int64_t>(number);
  }
  return number;
}

}  // namespace

const std::string* TextOf(const Claims& claims, std::string_view name) {
  return Find<std::string>(claims, name);
}

const double* NumberOf(const Claims& claims, std::string_view name) {
  return Find<double>(claims, name);
}

absl::StatusOr<Claims> ParseClaims(std::string_view text) {
  Taker taker;
  if (json::sax_parse(text.begin(), text.end(), &taker)) {
    return std::move(taker).Claimed();
  }
  return absl::InvalidArgumentError(taker.problem());
}

std::string WriteClaims(const Claims& claims) {
  json object = json::object();
  for (const auto& [name, value] : claims) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      object[name] = *text;
    } else if (const auto* number = std::get_if<double>(&value)) {
      object[name] = JsonOf(*number);
    } else if (const auto* truth = std::get_if<bool>(&value)) {
      object[name] = *truth;
    } else if (const auto* texts =
                   std::get_if<std::vector<std::string>>(&value)) {
      object[name] = *texts;
    }
  }
  // Bytes that are no UTF-8 are replaced rather than thrown over.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace perfrig::tokens
