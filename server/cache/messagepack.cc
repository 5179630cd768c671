#include "server/cache/messagepack.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <msgpack.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace perfrig::cache {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;
using Packer = msgpack::packer<msgpack::sbuffer>;

constexpr std::size_t kMaxDepth = 64;
// A buffer that has become larger is given back.
constexpr std::size_t kMostKept = 1 << 20;

absl::Status Damaged(std::string_view why) {
  return absl::DataLossError(absl::StrCat("MessagePack: ", std::string(why)));
}

void Pack(Packer& packer, std::string_view text) {
  packer.pack_str(static_cast<std::uint32_t>(text.size()));
  packer.pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void Pack(Packer& packer, const Struct& document);

void Pack(Packer& packer, const Value& value) {
  switch (value.kind_case()) {
    case Value::kNumberValue:
      packer.pack_double(value.number_value());
      return;
    case Value::kStringValue:
      return Pack(packer, std::string_view(value.string_value()));
    case Value::kBoolValue:
      value.bool_value() ? packer.pack_true() : packer.pack_false();
      return;
    case Value::kStructValue:
      return Pack(packer, value.struct_value());
    case Value::kListValue:
      packer.pack_array(
          static_cast<std::uint32_t>(value.list_value().values_size()));
      for (const Value& each : value.list_value().values()) Pack(packer, each);
      return;
    default:
      packer.pack_nil();
  }
}

// In order of the keys: the same document gives the same bytes.
void Pack(Packer& packer, const Struct& document) {
  std::map<std::string_view, const Value*> sorted;
  for (const auto& [key, value] : document.fields()) sorted[key] = &value;
  packer.pack_map(static_cast<std::uint32_t>(sorted.size()));
  for (const auto& [key, value] : sorted) {
    Pack(packer, key);
    Pack(packer, *value);
  }
}

// What `write` packs. The buffer is the thread's, used again and again: one of
// some KiB makes the allocator tidy up before it gives it out, which is dear
// for a document of some bytes.
template <typename Write>
std::string Packed(Write write) {
  thread_local msgpack::sbuffer buffer;
  buffer.clear();
  Packer packer(buffer);
  write(packer);
  std::string bytes(buffer.data(), buffer.size());
  if (bytes.size() > kMostKept) buffer = msgpack::sbuffer();
  return bytes;
}

// A value takes a byte at least, so no length inside can be above `size`.
msgpack::unpack_limit Limits(std::size_t size, std::size_t depth) {
  return {size, size, size, size, size, depth};
}

// msgpack's exceptions end here.
absl::StatusOr<msgpack::object_handle> Unpack(
    std::string_view bytes, const msgpack::unpack_limit& limits) {
  try {
    std::size_t end = 0;
    msgpack::object_handle object = msgpack::unpack(
        bytes.data(), bytes.size(), end, [](auto, auto, auto) { return true; },
        nullptr, limits);
    if (end != bytes.size()) return Damaged("bytes after the end");
    return object;
  } catch (const std::exception& error) {
    return Damaged(error.what());
  }
}

std::string_view TextOf(const msgpack::object& object) {
  return {object.via.str.ptr, object.via.str.size};
}

bool NumberOf(const msgpack::object& object, double& number) {
  switch (object.type) {
    case msgpack::type::POSITIVE_INTEGER:
      number = static_cast<double>(object.via.u64);
      return true;
    case msgpack::type::NEGATIVE_INTEGER:
      number = static_cast<double>(object.via.i64);
      return true;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      number = object.via.f64;
      return true;
    default:
      return false;
  }
}

bool Read(const msgpack::object& object, Struct& document);

bool Read(const msgpack::object& object, Value& value) {
  double number = 0;
  if (NumberOf(object, number)) {
    value.set_number_value(number);
    return true;
  }
  switch (object.type) {
    case msgpack::type::NIL:
      value.set_null_value(google::protobuf::NULL_VALUE);
      return true;
    case msgpack::type::BOOLEAN:
      value.set_bool_value(object.via.boolean);
      return true;
    case msgpack::type::STR:
      value.set_string_value(std::string(TextOf(object)));
      return true;
    case msgpack::type::MAP:
      return Read(object, *value.mutable_struct_value());
    case msgpack::type::ARRAY: {
      ListValue& list = *value.mutable_list_value();
      for (const msgpack::object& each : object.via.array) {
        if (!Read(each, *list.add_values())) return false;
      }
      return true;
    }
    default:
      return false;
  }
}

bool Read(const msgpack::object& object, Struct& document) {
  if (object.type != msgpack::type::MAP) return false;
  auto& fields = *document.mutable_fields();
  for (const msgpack::object_kv& field : object.via.map) {
    if (field.key.type != msgpack::type::STR) return false;
    if (!Read(field.val, fields[std::string(TextOf(field.key))])) return false;
  }
  return true;
}

bool ReadInteger(const msgpack::object& object, std::int64_t& number) {
  if (object.type == msgpack::type::POSITIVE_INTEGER) {
    if (object.via.u64 > INT64_MAX) return false;
    number = static_cast<std::int64_t>(object.via.u64);
    return true;
  }
  number = object.via.i64;
  return object.type == msgpack::type::NEGATIVE_INTEGER;
}

bool ReadColumn(const msgpack::object_kv& column, Row& row) {
  if (column.key.type != msgpack::type::STR) return false;
  const std::string_view name = TextOf(column.key);
  const msgpack::object& value = column.val;
  if (name == "id") return ReadInteger(value, row.id);
  if (name == "amount") return NumberOf(value, row.amount);
  if (name == "name") {
    if (value.type != msgpack::type::STR) return false;
    row.name = TextOf(value);
  } else if (name == "quantity") {
    std::int64_t number = 0;
    if (!ReadInteger(value, number) || number < INT32_MIN ||
        number > INT32_MAX) {
      return false;
    }
    row.quantity = static_cast<std::int32_t>(number);
  } else if (name == "active") {
    if (value.type != msgpack::type::BOOLEAN) return false;
    row.active = value.via.boolean;
  }
  return true;
}

bool Read(const msgpack::object& object, Row& row) {
  if (object.type != msgpack::type::MAP) return false;
  for (const msgpack::object_kv& column : object.via.map) {
    if (!ReadColumn(column, row)) return false;
  }
  return true;
}

}  // namespace

std::string ToMessagePack(const Struct& document) {
  return Packed([&](Packer& packer) { Pack(packer, document); });
}

absl::Status ReadMessagePack(std::string_view bytes, Struct& document) {
  const auto object = Unpack(bytes, Limits(bytes.size(), kMaxDepth));
  if (!object.ok()) return object.status();
  if (!Read(object->get(), document)) return Damaged("not a document");
  return absl::OkStatus();
}

std::string ToMessagePack(std::span<const Row> rows) {
  return Packed([&](Packer& packer) {
    packer.pack_array(static_cast<std::uint32_t>(rows.size()));
    for (const Row& row : rows) {
      packer.pack_map(5);
      packer.pack("id").pack_int64(row.id);
      packer.pack("name");
      Pack(packer, row.name);
      packer.pack("amount").pack_double(row.amount);
      packer.pack("quantity").pack_int32(row.quantity);
      packer.pack("active").pack(row.active);
    }
  });
}

absl::StatusOr<std::vector<Row>> RowsFromMessagePack(std::string_view bytes) {
  const auto object = Unpack(bytes, Limits(bytes.size(), 3));
  if (!object.ok()) return object.status();
  if (object->get().type != msgpack::type::ARRAY) return Damaged("not a table");
  std::vector<Row> rows;
  rows.reserve(object->get().via.array.size);
  for (const msgpack::object& each : object->get().via.array) {
    if (!Read(each, rows.emplace_back())) return Damaged("not a row");
  }
  return rows;
}

}  // namespace perfrig::cache
