// The words of a data template: "random", "1" and "100" of {{random 1 100}}.
#ifndef PERFRIG_SERVER_SUITES_TEMPLATE_WORDS_H_
#define PERFRIG_SERVER_SUITES_TEMPLATE_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace perfrig::suites {

using TemplateWords = std::vector<std::string>;

// Of what stands between the braces.
TemplateWords SplitWords(std::string_view inside);

std::optional<std::int64_t> WholeNumber(std::string_view text);

// The second word of a template that has one, in bytes.
absl::StatusOr<std::size_t> SizeOf(const TemplateWords& words);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TEMPLATE_WORDS_H_
