// Checks of what requests carry, and how targets say it.
#ifndef PERFRIG_SERVER_TARGETS_FIELDS_H_
#define PERFRIG_SERVER_TARGETS_FIELDS_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/struct.pb.h"
#include "server/targets/behavior/limits.h"

namespace perfrig::targets {

// INVALID_ARGUMENT that names `field` unless it has so many bytes.
absl::Status CheckBytes(std::string_view field, std::string_view value,
                        std::size_t least, std::size_t most);
// … unless it is from 0 to `most`.
absl::Status CheckTime(std::string_view field,
                       const google::protobuf::Duration& time, Nanos most);

google::protobuf::Duration ToDuration(Nanos time);

// `state.name = value`.
void Tell(google::protobuf::Struct& state, const char* name, double value);
// `state.name`: the ten keys with the least left, with that.
void TellLeast(google::protobuf::Struct& state, const char* name,
               Levels levels);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_FIELDS_H_
