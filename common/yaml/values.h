// Values as people write them: "1m30s", "500/s", "10KB", "1%".
#ifndef PERFRIG_COMMON_YAML_VALUES_H_
#define PERFRIG_COMMON_YAML_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/yaml/tree.h"
#include "google/protobuf/duration.pb.h"

namespace perfrig::yaml {

// All of them: nothing where the text is no such value. Numbers may be NaN,
// infinite or negative; whether that makes sense is for the checker.

// "10s", "1m30s", "500us", "1.5ms", "0"; up to 10,000 years.
std::optional<google::protobuf::Duration> ParseTime(std::string_view text);
// "0.5", "-1", "1e3", ".nan", ".inf".
std::optional<double> ParseNumberText(std::string_view text);
// A second: "500/s", "30/m", "1000/h" or a plain number.
std::optional<double> ParseRate(std::string_view text);
// Bytes: "10KB", "1.5MB", "4KiB" or a plain number; "/s" may follow.
std::optional<double> ParseSize(std::string_view text);
// Of 1: "1%" or 0.01.
std::optional<double> ParseShare(std::string_view text);
std::optional<bool> ParseFlag(std::string_view text);

// The node as JSON text. Numbers, true, false and null keep their kind and
// their digits; what is quoted is text.
std::string ToJson(const Node& node);
// A text as a JSON string.
std::string QuoteJson(std::string_view text);
// True if JSON has the text as a number.
bool IsJsonNumber(std::string_view text);

// The node in an error: "abc", a map, a list, nothing.
std::string Shown(const Node& node);

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_VALUES_H_
