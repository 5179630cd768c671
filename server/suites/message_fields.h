// Fields of messages whose type is known at run time only.
#ifndef PERFRIG_SERVER_SUITES_MESSAGE_FIELDS_H_
#define PERFRIG_SERVER_SUITES_MESSAGE_FIELDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace perfrig::suites {

// One step from a message to what is in it.
struct FieldStep {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Of a repeated field; -1: not repeated.
  int index = -1;
};

// By its name in the .proto file or in JSON; null where there is none.
const google::protobuf::FieldDescriptor* FindField(
    const google::protobuf::Descriptor& type, std::string_view name);
std::vector<std::string> FieldNames(const google::protobuf::Descriptor& type);
// "perfrig.v1.Suite has no field "tets"; did you mean "tests"?"
std::string NoSuchField(const google::protobuf::Descriptor& type,
                        std::string_view name);
// "uint32", "a string", "perfrig.v1.Suite", …
std::string TypeName(const google::protobuf::FieldDescriptor& field);

// Whether text fits a field that is no message, as JSON would have it:
// numbers, "true", names or numbers of enums, base64 for bytes.
// INVALID_ARGUMENT "must be uint32, got …" where not.
absl::Status CheckText(const google::protobuf::FieldDescriptor& field,
                       std::string_view text);
// Sets a field that is no message from such text; bytes as they are if `raw`.
absl::Status SetField(google::protobuf::Message& message, const FieldStep& step,
                      std::string_view text, bool raw);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_MESSAGE_FIELDS_H_
