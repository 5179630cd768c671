// A value from an answer, or what it is compared with.
#ifndef PERFRIG_SERVER_SUITES_ANSWER_VALUE_H_
#define PERFRIG_SERVER_SUITES_ANSWER_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace perfrig::suites {

// An enum's value: equal to its name as well as to its number.
struct EnumValue {
  std::string name;
  std::int64_t number = 0;
};

// Signed and unsigned apart, so that 64 bits survive. monostate: not there.
using AnswerValue = std::variant<std::monostate, bool, std::int64_t,
                                 std::uint64_t, double, EnumValue, std::string>;

// For a captured value and for messages; "" where there is none.
std::string ToText(const AnswerValue& value);
// For a metric: numbers, true as 1, texts that are numbers. Nothing for others
// and for what is not finite.
std::optional<double> ToNumber(const AnswerValue& value);
// Below 0, 0, above 0; nothing where the two cannot be compared. Texts are
// read as numbers beside numbers.
std::optional<int> Compare(const AnswerValue& a, const AnswerValue& b);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_ANSWER_VALUE_H_
