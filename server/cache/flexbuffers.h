// Documents as FlexBuffers, the form of FlatBuffers that needs no schema.
#ifndef PERFRIG_SERVER_CACHE_FLEXBUFFERS_H_
#define PERFRIG_SERVER_CACHE_FLEXBUFFERS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/struct.pb.h"

namespace perfrig::cache {

// Keys have no NUL in them: FlexBuffers end there.
std::string ToFlexBuffer(const google::protobuf::Struct& document);
// As ReadMessagePack. DATA_LOSS unless it is one map, 64 levels deep at most.
absl::Status ReadFlexBuffer(std::string_view bytes,
                            google::protobuf::Struct& document);

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_FLEXBUFFERS_H_
