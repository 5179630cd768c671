#include "server/targets/render.h"

#include <ctemplate/template.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::targets {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

// What turns a condition round, and what an item is called that is no struct.
constexpr std::string_view kNot = "NOT_";
constexpr std::string_view kItem = "ITEM";

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

}  // namespace

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
