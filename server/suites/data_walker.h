// Goes through a call's data beside the type that they shall become: finds the
// templates, and what does not fit.
#ifndef PERFRIG_SERVER_SUITES_DATA_WALKER_H_
#define PERFRIG_SERVER_SUITES_DATA_WALKER_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "google/protobuf/descriptor.h"
#include "server/suites/json_value.h"
#include "server/suites/message_fields.h"
#include "server/suites/template.h"

namespace perfrig::suites {

// A text with templates within the data.
struct TemplatePlace {
  // In the JSON text, quotes included.
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = true;
  Template value;
  // From the message to the field; empty where the place is none that can be
  // set by itself (keys and values of maps, well-known types, no type known).
  std::vector<FieldStep> path;
  // For messages: "data[0].rows[2].key".
  std::string field;
};

struct DataWalk {
  // In the order of the text.
  std::vector<TemplatePlace> places;
  std::vector<FieldProblem> problems;
};

// `type` may be null: nothing is known of the message then. `field` names the
// data in problems.
DataWalk WalkData(const JsonValue& json,
                  const google::protobuf::Descriptor* type,
                  const TemplateScope& scope, const std::string& field);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_DATA_WALKER_H_
