#include "common/behavior/options.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/checks/ranges.h"
#include "common/strings/nearest.h"

namespace perfrig {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Whole numbers that a double holds exactly.
constexpr double kMostWhole = 9'007'199'254'740'992.0;

// The field of Behavior that holds the target's options, or null.
const FieldDescriptor* FieldOf(std::string_view target) {
  const auto* const options =
      v1::Behavior::descriptor()->FindOneofByName("options");
  for (int i = 0; i < options->field_count(); ++i) {
    if (options->field(i)->name() == target) return options->field(i);
  }
  return nullptr;
}

const FieldDescriptor* FieldSet(const v1::Behavior& behavior) {
  return v1::Behavior::GetReflection()->GetOneofFieldDescriptor(
      behavior, v1::Behavior::descriptor()->FindOneofByName("options"));
}

absl::Status Wrong(const FieldDescriptor* field, std::string_view what,
                   std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(field->name(), ": must be ",
                                                 std::string(what), ", got \"",
                                                 std::string(text), "\""));
}

// "10", "64MB", "1.5GiB".
bool ParseAmount(std::string_view text, double* value) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {{
      {"KiB", 1024.0},
      {"MiB", 1024.0 * 1024},
      {"GiB", 1024.0 * 1024 * 1024},
      {"kB", 1e3},
      {"KB", 1e3},
      {"MB", 1e6},
      {"GB", 1e9},
  }};
  double scale = 1;
  for (const auto& [unit, bytes] : kUnits) {
    if (text.size() > unit.size() &&
        text.substr(text.size() - unit.size()) == unit) {
      text.remove_suffix(unit.size());
      scale = bytes;
      break;
    }
  }
  if (!absl::SimpleAtod(std::string(text), value)) return false;
  *value *= scale;
  return true;
}

absl::Status SetWhole(const FieldDescriptor* field, std::string_view text,
                      Message& options) {
  double value = 0;
  const bool wide = field->cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
  const double most = wide ? kMostWhole : 4'294'967'295.0;
  if (!ParseAmount(text, &value) || !(value >= 0) || value > most ||
      value != std::floor(value)) {
    return Wrong(field,
                 absl::StrCat("a whole number from 0 to ", NumberText(most)),
                 text);
  }
  const Reflection& reflection = *options.GetReflection();
  if (wide) {
    reflection.SetUInt64(&options, field, static_cast<std::uint64_t>(value));
  } else {
    reflection.SetUInt32(&options, field, static_cast<std::uint32_t>(value));
  }
  return absl::OkStatus();
}

absl::Status SetTime(const FieldDescriptor* field, std::string_view text,
                     Message& options) {
  absl::Duration time;
  if (!absl::ParseDuration(std::string(text), &time) ||
      time < absl::ZeroDuration() || time > absl::Hours(24 * 365)) {
    return Wrong(field, "a time such as 20ms", text);
  }
  auto& value = static_cast<Duration&>(
      *options.GetReflection()->MutableMessage(&options, field));
  value.set_seconds(absl::IDivDuration(time, absl::Seconds(1), &time));
  value.set_nanos(static_cast<std::int32_t>(absl::ToInt64Nanoseconds(time)));
  return absl::OkStatus();
}

absl::Status SetName(const FieldDescriptor* field, std::string_view text,
                     Message& options) {
  const auto* const value = field->enum_type()->FindValueByName(
      absl::AsciiStrToUpper(std::string(text)));
  if (value == nullptr || value->number() == 0) {
    std::string names;
    for (int i = 1; i < field->enum_type()->value_count(); ++i) {
      absl::StrAppend(
          &names, names.empty() ? "" : ", ",
          absl::AsciiStrToLower(field->enum_type()->value(i)->name()));
    }
    return Wrong(field, "one of " + names, text);
  }
  options.GetReflection()->SetEnum(&options, field, value);
  return absl::OkStatus();
}

absl::Status SetField(const FieldDescriptor* field, std::string_view text,
                      Message& options) {
  const Reflection& reflection = *options.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetWhole(field, text, options);
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double value = 0;
      if (!ParseAmount(text, &value)) return Wrong(field, "a number", text);
      reflection.SetDouble(&options, field, value);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text != "true" && text != "false") {
        return Wrong(field, "true or false", text);
      }
      reflection.SetBool(&options, field, text == "true");
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetName(field, text, options);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetTime(field, text, options);
    default:
      reflection.SetString(&options, field, std::string(text));
      return absl::OkStatus();
  }
}

void CheckField(const Message& options, const FieldDescriptor* field,
                std::string name, std::vector<FieldProblem>& problems) {
  const Reflection& reflection = *options.GetReflection();
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    if (field->enum_type()->FindValueByNumber(
            reflection.GetEnumValue(options, field)) == nullptr) {
      problems.push_back({std::move(name), "is no value of its type"});
    }
    return;
  }
  if (!field->options().HasExtension(v1::range)) return;
  const v1::Range& range = field->options().GetExtension(v1::range);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return CheckNumber(reflection.GetUInt32(options, field),
                         {range.min(), range.max()}, std::move(name), problems);
    case FieldDescriptor::CPPTYPE_UINT64:
      return CheckNumber(
          static_cast<double>(reflection.GetUInt64(options, field)),
          {range.min(), range.max()}, std::move(name), problems);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return CheckNumber(reflection.GetDouble(options, field),
                         {range.min(), range.max()}, std::move(name), problems);
    default:
      return CheckDuration(
          static_cast<const Duration&>(reflection.GetMessage(options, field)),
          {absl::Seconds(range.min()), absl::Seconds(range.max())},
          std::move(name), problems);
  }
}

}  // namespace

std::vector<std::string> OptionNames(std::string_view target) {
  std::vector<std::string> names;
  const FieldDescriptor* const field = FieldOf(target);
  if (field == nullptr) return names;
  const Descriptor* const options = field->message_type();
  for (int i = 0; i < options->field_count(); ++i) {
    names.push_back(options->field(i)->name());
  }
  return names;
}

absl::Status SetOption(std::string_view target, std::string_view option,
                       std::string_view text, v1::Behavior& behavior) {
  const FieldDescriptor* const field = FieldOf(target);
  const FieldDescriptor* const known =
      field == nullptr
          ? nullptr
          : field->message_type()->FindFieldByName(std::string(option));
  if (known == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        std::string(option), ": is no option of ", std::string(target),
        DidYouMean(std::string(option), OptionNames(target))));
  }
  return SetField(
      known, text,
      *v1::Behavior::GetReflection()->MutableMessage(&behavior, field));
}

std::vector<FieldProblem> CheckOptions(const v1::Behavior& behavior) {
  std::vector<FieldProblem> problems;
  const FieldDescriptor* const field = FieldSet(behavior);
  if (field == nullptr) return problems;
  const Message& options =
      v1::Behavior::GetReflection()->GetMessage(behavior, field);
  for (int i = 0; i < field->message_type()->field_count(); ++i) {
    const FieldDescriptor* const option = field->message_type()->field(i);
    if (!options.GetReflection()->HasField(options, option)) continue;
    CheckField(options, option,
               absl::StrCat(field->name(), ".", option->name()), problems);
  }
  return problems;
}

std::string OptionsTarget(const v1::Behavior& behavior) {
  const FieldDescriptor* const field = FieldSet(behavior);
  return field == nullptr ? "" : field->name();
}

}  // namespace perfrig
