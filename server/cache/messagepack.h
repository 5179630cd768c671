// Documents and tables as MessagePack.
//
//   const std::string bytes = ToMessagePack(document);
//   Struct& document = *Arena::CreateMessage<Struct>(&arena);
//   RETURN_IF_ERROR(ReadMessagePack(bytes, document));
#ifndef PERFRIG_SERVER_CACHE_MESSAGEPACK_H_
#define PERFRIG_SERVER_CACHE_MESSAGEPACK_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/struct.pb.h"
#include "server/cache/rows.h"

namespace perfrig::cache {

// Numbers without a fraction as integers (so -0 becomes 0), keys in order.
std::string ToMessagePack(const google::protobuf::Struct& document);
// Into an empty document; best into one that lies in an arena, which is made
// and given back in one piece. DATA_LOSS unless it is one map with texts for
// keys, 64 levels deep at most.
absl::Status ReadMessagePack(std::string_view bytes,
                             google::protobuf::Struct& document);

// A map for each row.
std::string ToMessagePack(std::span<const Row> rows);
// DATA_LOSS unless it is an array of such maps; columns it does not know are
// left out.
absl::StatusOr<std::vector<Row>> RowsFromMessagePack(std::string_view bytes);

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_MESSAGEPACK_H_
