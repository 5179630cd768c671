#include "server/local/payload.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/cache/columns.h"
#include "server/cache/flexbuffers.h"
#include "server/cache/messagepack.h"

namespace perfrig::local {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;

// What an order of a document takes.
constexpr std::size_t kOrderBytes = 250;
constexpr std::size_t kLines = 3;

void Set(Struct& map, const std::string& name, const std::string& text) {
  (*map.mutable_fields())[name].set_string_value(text);
}

void Set(Struct& map, const std::string& name, double number) {
  (*map.mutable_fields())[name].set_number_value(number);
}

Struct& AddMap(ListValue& list) {
  return *list.add_values()->mutable_struct_value();
}

ListValue& List(Struct& map, const std::string& name) {
  return *(*map.mutable_fields())[name].mutable_list_value();
}

void AddOrder(std::size_t number, ListValue& orders) {
  Struct& order = AddMap(orders);
  Set(order, "id", static_cast<double>(number) * 1'000);
  Set(order, "title", std::string(100, 't'));
  ListValue& lines = List(order, "lines");
  for (std::size_t i = 0; i < kLines; ++i) {
    Struct& line = AddMap(lines);
    Set(line, "article", "an article of some length");
    Set(line, "price", static_cast<double>(i) * 1.1);
  }
}

Struct MakeNumber() {
  Struct document;
  Set(document, "value", 42);
  return document;
}

}  // namespace

Struct MakeDocument(std::size_t bytes) {
  Struct document;
  ListValue& orders = List(document, "orders");
  for (std::size_t i = 0; i * kOrderBytes < bytes; ++i) AddOrder(i, orders);
  return document;
}

Struct MakeRecord() {
  Struct user;
  Set(user, "id", 4'711);
  Set(user, "name", "Ada Example");
  Set(user, "email", "ada@example.org");
  Set(user, "created", "2024-02-29T12:30:00Z");
  Set(user, "role", "editor");
  Set(user, "score", 0.875);
  (*user.mutable_fields())["active"].set_bool_value(true);
  Struct& address = *(*user.mutable_fields())["address"].mutable_struct_value();
  Set(address, "street", "1 Long Street");
  Set(address, "city", "Springfield");
  Set(address, "country", "NO");
  Struct& settings =
      *(*user.mutable_fields())["settings"].mutable_struct_value();
  Set(settings, "language", "en");
  Set(settings, "theme", "dark");
  ListValue& tags = List(user, "tags");
  for (const char* tag : {"beta", "newsletter", "two-factor"}) {
    tags.add_values()->set_string_value(tag);
  }
  return user;
}

Table MakeTable(std::size_t rows) {
  Table table(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    table[i] = {.id = static_cast<std::int64_t>(i),
                .name = absl::StrCat("customer number ", i),
                .amount = static_cast<double>(i) * 1.25,
                .quantity = static_cast<std::int32_t>(i % 100),
                .active = i % 3 == 0};
  }
  return table;
}

PayloadSettings ReadPayload(Options& options) {
  const std::string kind = options.Choice(
      "payload", {"document", "record", "table", "number"}, "document");
  PayloadSettings settings;
  if (kind == "record") settings.kind = PayloadKind::kRecord;
  if (kind == "table") settings.kind = PayloadKind::kTable;
  if (kind == "number") settings.kind = PayloadKind::kNumber;
  settings.bytes = options.Size("bytes", {.min = 1, .max = 10'000'000}, 10'000);
  settings.rows = options.Count("rows", {.min = 1, .max = 1'000'000}, 10'000);
  return settings;
}

Payload MakePayload(const PayloadSettings& settings) {
  switch (settings.kind) {
    case PayloadKind::kRecord:
      return MakeRecord();
    case PayloadKind::kTable:
      return MakeTable(settings.rows);
    case PayloadKind::kNumber:
      return MakeNumber();
    case PayloadKind::kDocument:
      break;
  }
  return MakeDocument(settings.bytes);
}

Serializer ReadSerializer(Options& options, bool table) {
  const std::string name = options.Choice(
      "serializer", {"messagepack", "flexbuffers", "columns"}, "messagepack");
  if (name == "flexbuffers") {
    if (table) {
      options.Refuse("serializer",
                     "flexbuffers writes no table: must be messagepack or "
                     "columns");
    }
    return Serializer::kFlexBuffers;
  }
  if (name == "columns") {
    if (!table) {
      options.Refuse("serializer",
                     "columns writes nothing but a table: must be messagepack "
                     "or flexbuffers");
    }
    return Serializer::kColumns;
  }
  return Serializer::kMessagePack;
}

std::string Serialize(Serializer serializer, const Payload& payload) {
  if (const auto* table = std::get_if<Table>(&payload)) {
    return serializer == Serializer::kColumns ? cache::ToColumns(*table)
                                              : cache::ToMessagePack(*table);
  }
  const Struct& document = std::get<Struct>(payload);
  return serializer == Serializer::kFlexBuffers
             ? cache::ToFlexBuffer(document)
             : cache::ToMessagePack(document);
}

absl::StatusOr<Restored> Deserialize(Serializer serializer, bool table,
                                     std::string_view bytes) {
  if (serializer == Serializer::kColumns) {
    ASSIGN_OR_RETURN(const cache::Columns columns, cache::Columns::Open(bytes));
    return Restored{nullptr, columns.ToRows()};
  }
  if (table) {
    ASSIGN_OR_RETURN(Table rows, cache::RowsFromMessagePack(bytes));
    return Restored{nullptr, std::move(rows)};
  }
  auto arena = std::make_unique<google::protobuf::Arena>();
  auto* document = google::protobuf::Arena::CreateMessage<Struct>(arena.get());
  RETURN_IF_ERROR(serializer == Serializer::kFlexBuffers
                      ? cache::ReadFlexBuffer(bytes, *document)
                      : cache::ReadMessagePack(bytes, *document));
  return Restored{std::move(arena), document};
}

}  // namespace perfrig::local
