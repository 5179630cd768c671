// Something wrong with one field of a message.
#ifndef PERFRIG_COMMON_STRINGS_FIELD_PROBLEM_H_
#define PERFRIG_COMMON_STRINGS_FIELD_PROBLEM_H_

#include <string>

namespace perfrig {

struct FieldProblem {
  // Path within the message that was checked, for example "data[0].text";
  // empty: the message itself.
  std::string field;
  // Rule and value: "must be > 0, got -5".
  std::string message;

  bool operator==(const FieldProblem&) const = default;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_FIELD_PROBLEM_H_
