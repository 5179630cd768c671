// Reads fields of messages whose type is known at run time only.
#ifndef PERFRIG_SERVER_SUITES_FIELD_VALUES_H_
#define PERFRIG_SERVER_SUITES_FIELD_VALUES_H_

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/suites/answer_value.h"

namespace perfrig::suites {

// A field that is neither a message nor repeated; bytes come as base64.
AnswerValue ReadOne(const google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor* field);
// An element that is there.
AnswerValue ReadAt(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor* field, int at);
// The entry of a map whose key reads like this; null where there is none.
const google::protobuf::Message* FindEntry(
    const google::protobuf::Message& message,
    const google::protobuf::FieldDescriptor* field, const std::string& key);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_FIELD_VALUES_H_
