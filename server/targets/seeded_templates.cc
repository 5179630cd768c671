#include "server/targets/seeded_templates.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/random.h"

namespace perfrig::targets {
namespace {

constexpr std::string_view kComplex = "complex";

constexpr std::array<std::string_view, 16> kWords = {
    "answer", "brief",   "careful", "direct", "exact",  "formal",
    "given",  "helpful", "in",      "kind",   "length", "note",
    "only",   "polite",  "short",   "with"};

std::string Sentence(Random& random) {
  std::string text;
  for (int i = 0; i < 12; ++i) {
    text.append(i == 0 ? "" : " ")
        .append(kWords.at(random.Next() % kWords.size()));
  }
  return text + ".\n";
}

}  // namespace

std::optional<std::string> SeededTemplate(std::string_view key,
                                          std::uint64_t seed) {
  const std::size_t prefix = kTemplatesPrefix.size();
  if (key.size() <= prefix || key.substr(0, prefix) != kTemplatesPrefix) {
    return std::nullopt;
  }
  const std::string_view name = key.substr(prefix);
  Random random = Random::OfCall(seed ^ HashOf(kTemplatesPrefix), HashOf(name));
  const std::string intro =
      absl::StrCat("Template ", std::string(name), " for {{TENANT}}.\n",
                   Sentence(random), Sentence(random));
  if (name.substr(0, kComplex.size()) != kComplex) {
    return absl::StrCat(intro, "{{USER}} asks: {{QUESTION}}\n",
                        Sentence(random));
  }
  return absl::StrCat(
      intro,
      "{{#USER}}Talking to {{USER}}.\n{{/USER}}"
      "{{#NOT_USER}}Talking to somebody.\n{{/NOT_USER}}"
      "{{#MESSAGES}}{{ROLE}}: {{TEXT}}\n"
      "{{#TOOLS}}  {{NAME}}({{#ARGUMENTS}}{{ITEM}}"
      "{{#ARGUMENTS_separator}}, {{/ARGUMENTS_separator}}{{/ARGUMENTS}})\n"
      "{{/TOOLS}}{{/MESSAGES}}"
      "{{#NOT_MESSAGES}}Nothing was said.\n{{/NOT_MESSAGES}}",
      Sentence(random), "{{USER}} asks: {{QUESTION}}\n");
}

}  // namespace perfrig::targets
