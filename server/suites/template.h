// A text with data templates, compiled: "t-{{seq}}".
// docs/suites-data.md tells what there is.
#ifndef PERFRIG_SERVER_SUITES_TEMPLATE_H_
#define PERFRIG_SERVER_SUITES_TEMPLATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/suites/call_program.h"
#include "server/suites/data_maker.h"
#include "server/suites/data_makers.h"
#include "server/suites/supplied.h"
#include "server/suites/template_words.h"

namespace perfrig::suites {

// What templates may name. Both outlive the parsing only.
struct TemplateScope {
  // Captured values, by number.
  const std::vector<std::string>& captures;
  // Null: any name of a variable or a file will do.
  const Supplied* supplied = nullptr;
  // False: variables must be there, but their values stay unknown, so that
  // nothing that is said of the text shows them.
  bool takes_values = true;
};

class Template {
 public:
  // INVALID_ARGUMENT saying which template is wrong, with the nearest name.
  static absl::StatusOr<Template> Parse(std::string_view text,
                                        const TemplateScope& scope);

  // Gives the same text every time.
  bool constant() const;
  // What it gives is known but for chance: neither captured values nor unknown
  // variables and files.
  bool predictable() const { return predictable_; }
  // Is nothing but {{bytes N}}, {{text N}} or {{file N KIND}}, which a field of
  // bytes takes as they are.
  bool raw() const;

  // Adds its text to `out`; what is no text as base64.
  void Append(const RenderContext& context, std::string& out) const;
  // Adds the bytes of a `raw` template.
  void AppendRaw(const RenderContext& context, std::string& out) const;
  // The text with the smallest or greatest numbers that can come.
  std::string Sample(bool greatest) const;

 private:
  enum class Kind {
    kLiteral,
    kSequence,
    kUuid,
    kRandom,
    kText,
    kBytes,
    kMade,
    kCaptured
  };
  struct Part {
    Kind kind = Kind::kLiteral;
    std::string literal;
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::size_t size = 0;   // of kText, kBytes, in bytes
    std::size_t index = 0;  // of kCaptured
    std::shared_ptr<const DataMaker> maker = nullptr;  // of kMade
  };

  absl::Status Add(std::string_view inside, const TemplateScope& scope);
  absl::Status AddRandom(const TemplateWords& words, Part part);
  absl::Status AddSized(const TemplateWords& words, Part part);
  absl::Status AddToken(const TemplateWords& words, const TemplateScope& scope);
  absl::Status AddVariable(const TemplateWords& words,
                           const TemplateScope& scope);
  absl::Status AddOther(const TemplateWords& words, const TemplateScope& scope);
  absl::Status AddMade(MadeData made);
  void AddLiteral(std::string_view text);

  std::vector<Part> parts_;
  bool predictable_ = true;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TEMPLATE_H_
