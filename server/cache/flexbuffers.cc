#include "server/cache/flexbuffers.h"

#include <flatbuffers/flexbuffers.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace perfrig::cache {
namespace {

using flexbuffers::Builder;
using flexbuffers::Reference;
using google::protobuf::Struct;
using google::protobuf::Value;

constexpr int kMaxDepth = 64;

void Add(Builder& builder, const Struct& document);

void Add(Builder& builder, const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      return builder.Double(value.number_value());
    case Value::kStringValue:
      builder.String(value.string_value());
      return;
    case Value::kBoolValue:
      return builder.Bool(value.bool_value());
    case Value::kStructValue:
      return Add(builder, value.struct_value());
    case Value::kListValue: {
      const std::size_t start = builder.StartVector();
      for (const Value& each : value.list_value().values()) Add(builder, each);
      builder.EndVector(start, false, false);
      return;
    }
    default:
      builder.Null();
  }
}

void Add(Builder& builder, const Struct& document) {
  const std::size_t start = builder.StartMap();
  for (const auto& [key, value] : document.fields()) {
    builder.Key(key);
    Add(builder, value);
  }
  builder.EndMap(start);
}

// Reads a verified buffer.
class Reader {
 public:
  explicit Reader(std::string_view bytes)
      : end_(bytes.data() + bytes.size()), left_(bytes.size()) {}

  bool Read(const Reference& reference, int depth, Struct& document) {
    const flexbuffers::Map map = reference.AsMap();
    const flexbuffers::TypedVector keys = map.Keys();
    const flexbuffers::Vector values = map.Values();
    if (keys.size() != values.size()) return false;
    auto& fields = *document.mutable_fields();
    for (std::size_t i = 0; i < values.size(); ++i) {
      // The verifier does not look for a key's NUL.
      const char* const key = keys[i].AsKey();
      const char* const key_end = std::find(key, end_, '\0');
      if (key_end == end_) return false;
      if (!Read(values[i], depth - 1, fields[{key, key_end}])) return false;
    }
    return true;
  }

 private:
  bool Read(const Reference& reference, int depth, Value& value) {
    if (depth == 0 || !Take(1)) return false;
    if (reference.IsNull()) {
      value.set_null_value(google::protobuf::NULL_VALUE);
    } else if (reference.IsBool()) {
      value.set_bool_value(reference.AsBool());
    } else if (reference.IsNumeric()) {
      value.set_number_value(reference.AsDouble());
    } else if (reference.IsString()) {
      const flexbuffers::String text = reference.AsString();
      if (!Take(text.length())) return false;
      value.set_string_value(std::string(text.c_str(), text.length()));
    } else if (reference.IsMap()) {
      return Read(reference, depth, *value.mutable_struct_value());
    } else if (reference.IsUntypedVector()) {
      const flexbuffers::Vector vector = reference.AsVector();
      auto& list = *value.mutable_list_value();
      for (std::size_t i = 0; i < vector.size(); ++i) {
        if (!Read(vector[i], depth - 1, *list.add_values())) return false;
      }
    } else {
      return false;
    }
    return true;
  }

  // What was written by us shares nothing but keys: values that refer to each
  // other again and again would grow without bound.
  bool Take(std::size_t bytes) {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }

  const char* const end_;
  std::size_t left_;
};

}  // namespace

std::string ToFlexBuffer(const Struct& document) {
  Builder builder;
  Add(builder, document);
  builder.Finish();
  const std::vector<std::uint8_t>& bytes = builder.GetBuffer();
  return {bytes.begin(), bytes.end()};
}

absl::Status ReadFlexBuffer(std::string_view bytes, Struct& document) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::vector<std::uint8_t> seen;
  if (bytes.size() < 3 ||
      !flexbuffers::VerifyBuffer(data, bytes.size(), &seen) ||
      !flexbuffers::GetRoot(data, bytes.size()).IsMap() ||
      !Reader(bytes).Read(flexbuffers::GetRoot(data, bytes.size()), kMaxDepth,
                          document)) {
    return absl::DataLossError("FlexBuffers: not a document");
  }
  return absl::OkStatus();
}

}  // namespace perfrig::cache
