// Cuts a message with much in its one field of bytes into several.
#ifndef PERFRIG_SERVER_SUITES_MESSAGE_CHUNKS_H_
#define PERFRIG_SERVER_SUITES_MESSAGE_CHUNKS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace perfrig::suites {

// The one field of bytes of a message; null where there is none, or several.
const google::protobuf::FieldDescriptor* BytesFieldOf(
    const google::protobuf::Descriptor& message);

// Where the field of that number in the encoded message number `at` holds more
// than `most` bytes: puts messages in its place that hold `most` of them each,
// the last one the rest, and everything else as it was. How many messages there
// are now from `at` on that stand for it.
std::size_t CutIntoChunks(int field, std::size_t most, std::size_t at,
                          std::vector<std::string>& messages);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_MESSAGE_CHUNKS_H_
