// Documents as FlexBuffers, the form of FlatBuffers that needs no schema.
#ifndef PERFRIG_SERVER_CACHE_FLEXBUFFERS_H_
#define PERFRIG_SERVER_CACHE_FLEXBUFFERS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/struct.pb.h"

namespace perfrig::cache {

// Keys have no NUL in them: FlexBuffers end there.
std::string ToFlexBuffer(const google::protobuf::Struct& document);
// DATA_LOSS unless it is one map, 64 levels deep at most.
absl::StatusOr<google::protobuf::Struct> StructFromFlexBuffer(
    std::string_view bytes);

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_FLEXBUFFERS_H_
