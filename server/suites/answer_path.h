// Names a value of an answer: "response.rows[0].key", "trailer.cost",
// "call.latency", "phase.database", "status".
#ifndef PERFRIG_SERVER_SUITES_ANSWER_PATH_H_
#define PERFRIG_SERVER_SUITES_ANSWER_PATH_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/suites/answer_value.h"
#include "server/suites/call_program.h"
#include "server/suites/message_fields.h"

namespace perfrig::suites {

// What is known of the response's type.
struct ResponseType {
  // False: nothing is known, and any field is accepted.
  bool known = false;
  // Null where `known`: there are no fields (`local:`).
  const google::protobuf::Descriptor* type = nullptr;
};

class AnswerPath {
 public:
  enum class Kind {
    kNumber,
    kText,
    kBool,
    kEnum,
    kTime,    // in seconds
    kStatus,  // a name, as kEnum
    kAny,     // known at run time only
  };

  // INVALID_ARGUMENT with the nearest name where it names nothing.
  static absl::StatusOr<AnswerPath> Parse(std::string_view text,
                                          const ResponseType& response);

  Kind kind() const { return kind_; }
  // Of kEnum, else null.
  const google::protobuf::EnumDescriptor* enumeration() const;
  bool of_response() const { return source_ == Source::kResponse; }
  bool of_status() const { return source_ == Source::kStatus; }
  // `response` may be null: its values are not there then. Bytes come as
  // base64, times in seconds.
  AnswerValue Read(const AnswerView& answer,
                   const google::protobuf::Message* response) const;

 private:
  enum class Source {
    kResponse,
    kTrailer,
    kPhase,
    kLatency,
    kService,
    kStatus
  };
  struct Step {
    const google::protobuf::FieldDescriptor* field = nullptr;
    // Of a repeated field; -1: not repeated, or its size.
    int index = -1;
    // Of a map with keys of text.
    std::string key;
  };

  absl::Status AddFields(std::string_view text,
                         const google::protobuf::Descriptor* type);
  absl::Status AddField(std::string_view word,
                        const google::protobuf::Descriptor& type);
  absl::Status Finish();
  AnswerValue ReadResponse(const google::protobuf::Message& response) const;

  Source source_ = Source::kResponse;
  Kind kind_ = Kind::kAny;
  // Of the trailer or phase.
  std::string name_;
  std::vector<Step> steps_;
  // Ends in ".size" of a repeated field.
  bool size_ = false;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_ANSWER_PATH_H_
