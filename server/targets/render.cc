#include "server/targets/render.h"

#include <ctemplate/template.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace perfrig::targets {
namespace {

using google::protobuf::ListValue;
using google::protobuf::Struct;
using google::protobuf::Value;

constexpr std::size_t kDeepest = 32;
constexpr std::size_t kLargestVariables = 1U << 20;
constexpr std::size_t kLongestName = 100;
// What turns a condition round, and what an item is called that is no struct.
constexpr std::string_view kNot = "NOT_";
constexpr std::string_view kItem = "ITEM";

absl::Status WrongAt(std::string_view text, std::size_t at,
                     const std::string& rule) {
  const auto line = 1 + std::count(text.begin(), text.begin() + at, '\n');
  return absl::InvalidArgumentError(
      absl::StrCat("text: line ", line, ": ", rule));
}

bool IsName(std::string_view name) {
  const auto fits = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), fits);
}

std::string Shown(std::string_view marker) {
  return absl::StrCat("got \"{{", std::string(marker.substr(0, 100)), "}}\"");
}

// One marker after the other.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  absl::Status Check() {
    for (std::size_t at = text_.find("{{"); at != std::string_view::npos;
         at = text_.find("{{", at)) {
      const std::size_t end = text_.find("}}", at);
      if (end == std::string_view::npos) {
        return WrongAt(text_, at, "a marker must end with \"}}\"");
      }
      const absl::Status checked =
          CheckMarker(at, text_.substr(at + 2, end - at - 2));
      if (!checked.ok()) return checked;
      at = end + 2;
    }
    if (open_.empty()) return absl::OkStatus();
    return WrongAt(text_, text_.size(),
                   absl::StrCat("\"{{#", std::string(open_.back()),
                                "}}\" must be closed"));
  }

 private:
  absl::Status CheckMarker(std::size_t at, std::string_view marker) {
    if (!marker.empty() && marker[0] == '!') return absl::OkStatus();
    const bool opens = !marker.empty() && marker[0] == '#';
    const bool closes = !marker.empty() && marker[0] == '/';
    std::string_view name = marker.substr(opens || closes ? 1 : 0);
    if (!opens && !closes) {
      const std::size_t colon = name.find(':');
      if (colon != std::string_view::npos && name.substr(colon) != ":none") {
        return WrongAt(
            text_, at,
            "a variable may be followed by \":none\" only, " + Shown(marker));
      }
      name = name.substr(0, colon);
    }
    if (!IsName(name)) {
      return WrongAt(text_, at,
                     "a marker must be a name of 1 to 100 letters, digits and "
                     "\"_\", or \"#\" or \"/\" and one, " +
                         Shown(marker));
    }
    if (opens) {
      open_.push_back(name);
      if (open_.size() <= kDeepest) return absl::OkStatus();
      return WrongAt(
          text_, at,
          absl::StrCat("sections must be at most ", kDeepest, " deep"));
    }
    if (!closes) return absl::OkStatus();
    if (open_.empty() || open_.back() != name) {
      return WrongAt(
          text_, at,
          "must close the section that was opened last, " + Shown(marker));
    }
    open_.pop_back();
    return absl::OkStatus();
  }

  const std::string_view text_;
  std::vector<std::string_view> open_;
};

bool IsTrue(const Value& value) {
  switch (value.kind_case()) {
    case Value::kBoolValue:
      return value.bool_value();
    case Value::kNumberValue:
      return value.number_value() != 0;
    case Value::kStringValue:
      return !value.string_value().empty();
    case Value::kStructValue:
      return true;
    case Value::kListValue:
      return !value.list_value().values().empty();
    case Value::kNullValue:
    case Value::KIND_NOT_SET:
      return false;
  }
  return false;
}

std::string NumberText(double number) {
  constexpr double kExact = 9007199254740992.0;
  if (std::trunc(number) == number && std::abs(number) < kExact) {
    return absl::StrCat(static_cast<std::int64_t>(number));
  }
  return absl::StrCat(number);
}

// What one rendering has left; once a limit is passed, loops end and nothing
// more comes out.
class Budget {
 public:
  Budget(const RenderLimits& limits, const Clock& clock)
      : limits_(limits), clock_(clock), until_(clock.Now() + limits.time) {}

  // Before each step of the work.
  bool Goes() {
    // The clock costs more than most steps do.
    constexpr std::uint32_t kStepsBetween = 32;
    if (++steps_ % kStepsBetween == 0 && status_.ok() &&
        clock_.Now() >= until_) {
      status_ = absl::ResourceExhaustedError(
          absl::StrCat("render_time: rendering must take at most ",
                       limits_.time / kMicrosecond, " us"));
    }
    return status_.ok();
  }
  bool TakeBytes(std::size_t bytes) {
    bytes_ += bytes;
    if (status_.ok() && bytes_ > limits_.output_bytes) {
      status_ = absl::ResourceExhaustedError(
          absl::StrCat("output_bytes: the text must have at most ",
                       limits_.output_bytes, " bytes"));
    }
    return status_.ok();
  }
  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  const RenderLimits& limits_;
  const Clock& clock_;
  const Nanos until_;
  std::uint32_t steps_ = 0;
  std::size_t bytes_ = 0;
  absl::Status status_;
};

class BoundedText final : public ctemplate::ExpandEmitter {
 public:
  explicit BoundedText(Budget& budget) : budget_(budget) {}

  void Emit(char c) override { Add({&c, 1}); }
  void Emit(const std::string& text) override { Add(text); }
  void Emit(const char* text) override { Add(text); }
  void Emit(const char* text, std::size_t size) override { Add({text, size}); }

  std::string Take() { return std::move(text_); }

 private:
  void Add(std::string_view part) {
    if (budget_.Goes() && budget_.TakeBytes(part.size())) text_.append(part);
  }

  Budget& budget_;
  std::string text_;
};

// Variables as ctemplate asks for them. Not its own TemplateDictionary, which
// remembers every name for good and cannot stop a loop.
class Variables final : public ctemplate::TemplateDictionaryInterface {
 public:
  // All outlive this; the first three may be null.
  Variables(const Struct* fields, const Value* item, const Variables* outer,
            Budget& budget)
      : fields_(fields), item_(item), outer_(outer), budget_(budget) {}

  ctemplate::TemplateString GetValue(
      const ctemplate::TemplateString& variable) const override {
    const Value* const value = budget_.Goes() ? Find(variable) : nullptr;
    if (value == nullptr) return "";
    switch (value->kind_case()) {
      case Value::kStringValue:
        return value->string_value();
      case Value::kNumberValue:
        return Held(NumberText(value->number_value()));
      case Value::kBoolValue:
        return value->bool_value() ? "true" : "false";
      default:
        return "";
    }
  }
  bool IsHiddenSection(const ctemplate::TemplateString& name) const override {
    return !budget_.Goes() || !Shows({name.data(), name.size()});
  }
  bool IsUnhiddenSection(const ctemplate::TemplateString& name) const override {
    return !IsHiddenSection(name);
  }
  Iterator* CreateSectionIterator(
      const ctemplate::TemplateString& section) const override;

  // Templates include nothing.
  bool IsHiddenTemplate(const ctemplate::TemplateString&) const override {
    return true;
  }
  const char* GetIncludeTemplateName(const ctemplate::TemplateString&,
                                     int) const override {
    return "";
  }
  Iterator* CreateTemplateIterator(
      const ctemplate::TemplateString& section) const override {
    return CreateSectionIterator(section);
  }
  void DumpToString(std::string*, int) const override {}

 private:
  class Items;

  const Value* Find(const ctemplate::TemplateString& name) const {
    return Find(std::string(name.data(), name.size()));
  }
  const Value* Find(const std::string& name) const {
    for (const Variables* scope = this; scope != nullptr;
         scope = scope->outer_) {
      if (scope->fields_ == nullptr) {
        if (scope->item_ != nullptr && name == kItem) return scope->item_;
        continue;
      }
      const auto found = scope->fields_->fields().find(name);
      if (found != scope->fields_->fields().end()) return &found->second;
    }
    return nullptr;
  }
  bool Shows(const std::string& name) const {
    if (const Value* const value = Find(name)) return IsTrue(*value);
    return name.compare(0, kNot.size(), kNot) == 0 &&
           !Shows(name.substr(kNot.size()));
  }
  // Until the next one: ctemplate has copied it by then.
  ctemplate::TemplateString Held(std::string text) const {
    held_ = std::move(text);
    return held_;
  }

  const Struct* const fields_;
  const Value* const item_;
  const Variables* const outer_;
  Budget& budget_;
  mutable std::string held_;
};

// The inner scopes of a section, one after the other: those of a list's
// items, or one.
class Variables::Items final : public Iterator {
 public:
  Items(const Variables& outer, const Value* value)
      : outer_(outer), value_(value) {}

  bool HasNext() const override {
    const int count = value_ != nullptr && value_->has_list_value()
                          ? value_->list_value().values_size()
                          : 1;
    return next_ < count && outer_.budget_.Goes();
  }
  const TemplateDictionaryInterface& Next() override {
    const Value* item = value_;
    if (value_ != nullptr && value_->has_list_value()) {
      item = &value_->list_value().values(next_);
    }
    ++next_;
    inner_.emplace(item != nullptr && item->has_struct_value()
                       ? &item->struct_value()
                       : nullptr,
                   item, &outer_, outer_.budget_);
    return *inner_;
  }

 private:
  const Variables& outer_;
  const Value* const value_;
  std::optional<Variables> inner_;
  int next_ = 0;
};

Variables::Iterator* Variables::CreateSectionIterator(
    const ctemplate::TemplateString& section) const {
  return new Items(*this, Find(section));
}

bool IsDeeper(const Value& value, std::size_t levels);

bool IsDeeper(const Struct& fields, std::size_t levels) {
  if (levels == 0) return true;
  return std::any_of(fields.fields().begin(), fields.fields().end(),
                     [levels](const auto& field) {
                       return IsDeeper(field.second, levels - 1);
                     });
}

bool IsDeeper(const Value& value, std::size_t levels) {
  if (value.has_struct_value()) return IsDeeper(value.struct_value(), levels);
  if (!value.has_list_value()) return false;
  if (levels == 0) return true;
  const auto& items = value.list_value().values();
  return std::any_of(items.begin(), items.end(), [levels](const Value& item) {
    return IsDeeper(item, levels - 1);
  });
}

}  // namespace

absl::Status CheckTemplate(std::string_view text) {
  if (text.size() > kLargestTemplate) {
    return absl::InvalidArgumentError(
        absl::StrCat("text: must have at most ", kLargestTemplate,
                     " bytes, got ", text.size()));
  }
  return Checker(text).Check();
}

absl::Status CheckVariables(const Struct& variables) {
  if (variables.ByteSizeLong() > kLargestVariables) {
    return absl::InvalidArgumentError(
        absl::StrCat("variables: must have at most ", kLargestVariables,
                     " bytes, got ", variables.ByteSizeLong()));
  }
  if (IsDeeper(variables, kDeepest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("variables: must be at most ", kDeepest, " deep"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Render(const std::string& text,
                                   const Struct& variables,
                                   const RenderLimits& limits,
                                   const Clock& clock) {
  Budget budget(limits, clock);
  const std::unique_ptr<ctemplate::Template> parsed(
      ctemplate::Template::StringToTemplate(
          "{{%AUTOESCAPE context=\"HTML\"}}" + text, ctemplate::DO_NOT_STRIP));
  if (parsed == nullptr) {
    return absl::InvalidArgumentError(
        "text: the HTML around a variable must be well formed");
  }
  BoundedText output(budget);
  const Variables all(&variables, nullptr, nullptr, budget);
  parsed->Expand(&output, &all);
  if (!budget.status().ok()) return budget.status();
  return output.Take();
}

}  // namespace perfrig::targets
