#include "server/suites/field_values.h"

#include <cstdint>

#include "absl/strings/escaping.h"

namespace perfrig::suites {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

AnswerValue ReadEnum(const FieldDescriptor& field, int number) {
  const EnumValueDescriptor* value =
      field.enum_type()->FindValueByNumber(number);
  return EnumValue{value != nullptr ? value->name() : std::to_string(number),
                   number};
}

AnswerValue ReadText(const FieldDescriptor& field, const std::string& text) {
  if (field.type() == FieldDescriptor::TYPE_STRING) return text;
  return absl::Base64Escape(text);
}

}  // namespace

AnswerValue ReadOne(const Message& message, const FieldDescriptor* field) {
  const auto& access = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::int64_t{access.GetInt32(message, field)};
    case FieldDescriptor::CPPTYPE_INT64:
      return access.GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::uint64_t{access.GetUInt32(message, field)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return access.GetUInt64(message, field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return access.GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{access.GetFloat(message, field)};
    case FieldDescriptor::CPPTYPE_BOOL:
      return access.GetBool(message, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(*field, access.GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadText(*field, access.GetString(message, field));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

AnswerValue ReadAt(const Message& message, const FieldDescriptor* field,
                   int at) {
  const auto& access = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::int64_t{access.GetRepeatedInt32(message, field, at)};
    case FieldDescriptor::CPPTYPE_INT64:
      return access.GetRepeatedInt64(message, field, at);
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::uint64_t{access.GetRepeatedUInt32(message, field, at)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return access.GetRepeatedUInt64(message, field, at);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return access.GetRepeatedDouble(message, field, at);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return double{access.GetRepeatedFloat(message, field, at)};
    case FieldDescriptor::CPPTYPE_BOOL:
      return access.GetRepeatedBool(message, field, at);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ReadEnum(*field, access.GetRepeatedEnumValue(message, field, at));
    case FieldDescriptor::CPPTYPE_STRING:
      return ReadText(*field, access.GetRepeatedString(message, field, at));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

const Message* FindEntry(const Message& message, const FieldDescriptor* field,
                         const std::string& key) {
  const auto& access = *message.GetReflection();
  for (int i = 0; i < access.FieldSize(message, field); ++i) {
    const Message& entry = access.GetRepeatedMessage(message, field, i);
    if (ToText(ReadOne(entry, field->message_type()->map_key())) == key) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace perfrig::suites
