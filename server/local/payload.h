// What users keep in a cache: documents, records and tables as services have
// them, and the serializers that turn them into bytes and back.
#ifndef PERFRIG_SERVER_LOCAL_PAYLOAD_H_
#define PERFRIG_SERVER_LOCAL_PAYLOAD_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/struct.pb.h"
#include "server/cache/rows.h"
#include "server/local/options.h"

namespace perfrig::local {

using Table = std::vector<cache::Row>;
using Payload = std::variant<google::protobuf::Struct, Table>;

// Orders with lines, nested three deep; about so many bytes as MessagePack.
google::protobuf::Struct MakeDocument(std::size_t bytes);
// A user with name, address and settings: some 400 bytes.
google::protobuf::Struct MakeRecord();
Table MakeTable(std::size_t rows);

enum class PayloadKind { kDocument, kRecord, kTable, kNumber };

struct PayloadSettings {
  PayloadKind kind = PayloadKind::kDocument;
  // Of a document.
  std::size_t bytes = 0;
  // Of a table.
  std::size_t rows = 0;
};

// As `payload` (document, record, table or number), `bytes` and `rows` say.
PayloadSettings ReadPayload(Options& options);
Payload MakePayload(const PayloadSettings& settings);

enum class Serializer {
  kMessagePack,
  // Documents only.
  kFlexBuffers,
  // FlatBuffers, column by column; tables only.
  kColumns,
};

// As `serializer` says: messagepack, flexbuffers or columns; refused where it
// cannot write a table, or nothing else.
Serializer ReadSerializer(Options& options, bool table);

// Of a payload that it can write.
std::string Serialize(Serializer serializer, const Payload& payload);
// What bytes were read to.
struct Restored {
  // Of the document.
  std::unique_ptr<google::protobuf::Arena> arena;
  std::variant<const google::protobuf::Struct*, Table> payload;
};

// `table`: whether the bytes are one. DATA_LOSS where they are damaged.
absl::StatusOr<Restored> Deserialize(Serializer serializer, bool table,
                                     std::string_view bytes);

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_PAYLOAD_H_
