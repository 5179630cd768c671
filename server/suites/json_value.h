// JSON as written: what stands where, with data templates in strings or in
// place of values. Numbers keep their text, so that 64 bits survive.
#ifndef PERFRIG_SERVER_SUITES_JSON_VALUE_H_
#define PERFRIG_SERVER_SUITES_JSON_VALUE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace perfrig::suites {

// Of an object's child. Place in the source, with its quotes.
struct JsonKey {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct JsonValue {
  enum class Kind {
    kScalar,    // a number, true, false, null
    kText,      // a string
    kTemplate,  // {{…}} without quotes
    kObject,
    kArray,
  };

  Kind kind = Kind::kScalar;
  // In the source, 0-based, end excluded; quotes and braces included.
  std::size_t begin = 0;
  std::size_t end = 0;
  // kText: without quotes and escapes; kScalar and kTemplate: as written.
  std::string text;
  // kObject: a key for each child, in order.
  std::vector<JsonKey> keys;
  // kObject, kArray.
  std::vector<JsonValue> children;
};

// INVALID_ARGUMENT "column N: …"; values nested deeper than 64, and bytes that
// are not UTF-8, are refused.
absl::StatusOr<JsonValue> ParseJson(std::string_view text);

// Adds `text` to `out` as the inside of a JSON string.
void AppendJsonEscaped(std::string_view text, std::string& out);

// "{{" that opens a template.
bool HasTemplate(std::string_view text);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_JSON_VALUE_H_
