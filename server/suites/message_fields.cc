#include "server/suites/message_fields.h"

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"
#include "common/strings/utf8.h"

namespace perfrig::suites {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <typename T>
std::optional<T> Read(std::string_view text) {
  T value{};
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc() && result.ptr == text.data() + text.size()) {
    return value;
  }
  return std::nullopt;
}

// JSON allows 1e3 and 5.0 where whole numbers are wanted.
template <std::integral T>
std::optional<T> ReadWhole(std::string_view text) {
  if (const std::optional<T> value = Read<T>(text)) return value;
  const std::optional<double> value = Read<double>(text);
  if (!value.has_value() || *value != std::floor(*value)) return std::nullopt;
  // The upper limit as a double may be rounded up: excluded.
  if (*value < static_cast<double>(std::numeric_limits<T>::min()) ||
      *value >= static_cast<double>(std::numeric_limits<T>::max())) {
    return std::nullopt;
  }
  return static_cast<T>(*value);
}

std::optional<double> ReadDouble(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return Read<double>(text);
}

std::optional<bool> ReadBool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::string> ReadBytes(std::string_view text) {
  std::string bytes;
  const absl::string_view source(text.data(), text.size());
  if (absl::Base64Unescape(source, &bytes)) return bytes;
  if (absl::WebSafeBase64Unescape(source, &bytes)) return bytes;
  return std::nullopt;
}

std::optional<int> ReadEnum(const FieldDescriptor& field,
                            std::string_view text) {
  const EnumValueDescriptor* value =
      field.enum_type()->FindValueByName(std::string(text));
  if (value != nullptr) return value->number();
  return Read<int>(text);
}

absl::Status Misfit(const FieldDescriptor& field, std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string shown(text.substr(0, kShown));
  if (text.size() > kShown) shown += "…";
  if (!IsValidUtf8(shown)) shown = absl::CHexEscape(shown);
  std::string near;
  if (field.type() == FieldDescriptor::TYPE_ENUM) {
    std::vector<std::string> names;
    names.reserve(static_cast<std::size_t>(field.enum_type()->value_count()));
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      names.push_back(field.enum_type()->value(i)->name());
    }
    near = DidYouMean(text, names);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", TypeName(field), ", got \"", shown, "\"", near));
}

// Checked against the field's range; enums by number.
using FieldValue =
    std::variant<std::int64_t, std::uint64_t, double, bool, std::string>;

template <typename To, typename T>
std::optional<FieldValue> Widen(const std::optional<T>& value) {
  if (!value.has_value()) return std::nullopt;
  return FieldValue(static_cast<To>(*value));
}

std::optional<FieldValue> ReadValue(const FieldDescriptor& field,
                                    std::string_view text, bool raw) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Widen<std::int64_t>(ReadWhole<std::int32_t>(text));
    case FieldDescriptor::CPPTYPE_INT64:
      return Widen<std::int64_t>(ReadWhole<std::int64_t>(text));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Widen<std::uint64_t>(ReadWhole<std::uint32_t>(text));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Widen<std::uint64_t>(ReadWhole<std::uint64_t>(text));
    case FieldDescriptor::CPPTYPE_ENUM:
      return Widen<std::int64_t>(ReadEnum(field, text));
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Widen<double>(ReadDouble(text));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Widen<bool>(ReadBool(text));
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_STRING && !IsValidUtf8(text)) {
        return std::nullopt;
      }
      if (raw || field.type() == FieldDescriptor::TYPE_STRING) {
        return FieldValue(std::string(text));
      }
      return Widen<std::string>(ReadBytes(text));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return std::nullopt;
}

// Sets a field with the pair of Reflection's functions for its type.
template <typename T>
void Put(Message& message, const FieldStep& step,
         void (Reflection::*set)(Message*, const FieldDescriptor*, T) const,
         void (Reflection::*set_at)(Message*, const FieldDescriptor*, int, T)
             const,
         std::type_identity_t<T> value) {
  const Reflection& access = *message.GetReflection();
  if (step.index < 0) {
    (access.*set)(&message, step.field, std::move(value));
  } else {
    (access.*set_at)(&message, step.field, step.index, std::move(value));
  }
}

void PutValue(Message& message, const FieldStep& step, FieldValue value) {
  using R = Reflection;
  const auto whole = [&] { return std::get<std::int64_t>(value); };
  const auto natural = [&] { return std::get<std::uint64_t>(value); };
  const auto real = [&] { return std::get<double>(value); };
  switch (step.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(message, step, &R::SetInt32, &R::SetRepeatedInt32,
                 static_cast<std::int32_t>(whole()));
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(message, step, &R::SetInt64, &R::SetRepeatedInt64, whole());
    case FieldDescriptor::CPPTYPE_UINT32:
      return Put(message, step, &R::SetUInt32, &R::SetRepeatedUInt32,
                 static_cast<std::uint32_t>(natural()));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Put(message, step, &R::SetUInt64, &R::SetRepeatedUInt64,
                 natural());
    case FieldDescriptor::CPPTYPE_ENUM:
      return Put(message, step, &R::SetEnumValue, &R::SetRepeatedEnumValue,
                 static_cast<int>(whole()));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put(message, step, &R::SetDouble, &R::SetRepeatedDouble, real());
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Put(message, step, &R::SetFloat, &R::SetRepeatedFloat,
                 static_cast<float>(real()));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put(message, step, &R::SetBool, &R::SetRepeatedBool,
                 std::get<bool>(value));
    case FieldDescriptor::CPPTYPE_STRING:
      return Put(message, step, &R::SetString, &R::SetRepeatedString,
                 std::get<std::string>(std::move(value)));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

}  // namespace

const FieldDescriptor* FindField(const Descriptor& type,
                                 std::string_view name) {
  const std::string text(name);
  if (const FieldDescriptor* field = type.FindFieldByName(text)) return field;
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->json_name() == text) return type.field(i);
  }
  return nullptr;
}

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(type.field_count()));
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->name());
  }
  return names;
}

std::string NoSuchField(const Descriptor& type, std::string_view name) {
  return absl::StrCat(type.full_name(), " has no field \"", std::string(name),
                      "\"", DidYouMean(name, FieldNames(type)));
}

std::string TypeName(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_MESSAGE:
    case FieldDescriptor::TYPE_GROUP:
      return field.message_type()->full_name();
    case FieldDescriptor::TYPE_ENUM:
      return field.enum_type()->full_name();
    case FieldDescriptor::TYPE_STRING:
      return "a string";
    case FieldDescriptor::TYPE_BYTES:
      return "base64";
    case FieldDescriptor::TYPE_BOOL:
      return "true or false";
    default:
      return field.type_name();
  }
}

absl::Status CheckText(const FieldDescriptor& field, std::string_view text) {
  return ReadValue(field, text, false).has_value() ? absl::OkStatus()
                                                   : Misfit(field, text);
}

absl::Status SetField(Message& message, const FieldStep& step,
                      std::string_view text, bool raw) {
  std::optional<FieldValue> value = ReadValue(*step.field, text, raw);
  if (!value.has_value()) return Misfit(*step.field, text);
  PutValue(message, step, *std::move(value));
  return absl::OkStatus();
}

}  // namespace perfrig::suites
