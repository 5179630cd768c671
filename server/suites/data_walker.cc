#include "server/suites/data_walker.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::suites {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Kind = JsonValue::Kind;

// Where the walk stands.
struct Place {
  // Null below what is not known as fields.
  const Descriptor* type = nullptr;
  // Steps to here; only meaningful while `settable`.
  std::vector<FieldStep> path;
  bool settable = true;
  std::string name;
};

std::string KindName(const JsonValue& value) {
  switch (value.kind) {
    case Kind::kObject:
      return "an object";
    case Kind::kArray:
      return "a list";
    case Kind::kText:
      return absl::StrCat("\"", value.text, "\"");
    default:
      return value.text;
  }
}

bool IsPlainMessage(const Descriptor& type) {
  return type.well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

class Walker {
 public:
  Walker(const TemplateScope& scope, DataWalk& result)
      : scope_(scope), result_(result) {}

  // A message, or anything where no type is known.
  void Value(const JsonValue& value, const Place& place) {
    if (value.kind == Kind::kText || value.kind == Kind::kTemplate) {
      AddTemplate(value.text, value.begin, value.end, value.kind == Kind::kText,
                  place, nullptr);
    }
    if (place.type != nullptr && value.kind != Kind::kObject &&
        value.text != "null") {
      Problem(place.name,
              absl::StrCat("must be an object of ", place.type->full_name(),
                           ", got ", KindName(value)));
      return;
    }
    for (std::size_t i = 0; i < value.children.size(); ++i) {
      if (value.kind == Kind::kArray) {
        Value(value.children[i], Unknown(place, absl::StrCat("[", i, "]")));
      } else {
        Child(value.keys[i], value.children[i], place);
      }
    }
  }

 private:
  void Child(const JsonKey& key, const JsonValue& value, const Place& place) {
    const Place unknown = Unknown(place, absl::StrCat(".", key.text));
    if (HasTemplate(key.text)) {
      AddTemplate(key.text, key.begin, key.end, true, unknown, nullptr);
    }
    if (place.type == nullptr) return Value(value, unknown);
    const FieldDescriptor* field = FindField(*place.type, key.text);
    if (field == nullptr) {
      return Problem(unknown.name, NoSuchField(*place.type, key.text));
    }
    Place below = place;
    absl::StrAppend(&below.name, ".", key.text);
    if (value.kind == Kind::kScalar && value.text == "null") return;
    if (field->is_map()) return Map(*field, value, below);
    if (!field->is_repeated()) return Single({field, -1}, value, below);
    if (value.kind != Kind::kArray) {
      return Problem(below.name,
                     absl::StrCat("must be a list, got ", KindName(value)));
    }
    for (std::size_t i = 0; i < value.children.size(); ++i) {
      Place element = below;
      absl::StrAppend(&element.name, "[", i, "]");
      Single({field, static_cast<int>(i)}, value.children[i], element);
    }
  }

  // One value of a field: all of it, or one element.
  void Single(const FieldStep& step, const JsonValue& value, Place place) {
    place.path.push_back(step);
    if (!IsMessage(*step.field)) return Scalar(step, value, place);
    const Descriptor& type = *step.field->message_type();
    place.type = IsPlainMessage(type) ? &type : nullptr;
    place.settable = place.settable && place.type != nullptr;
    Value(value, place);
  }

  void Map(const FieldDescriptor& field, const JsonValue& value,
           const Place& place) {
    if (value.kind != Kind::kObject) {
      return Problem(place.name,
                     absl::StrCat("must be an object, got ", KindName(value)));
    }
    const FieldDescriptor& item = *field.message_type()->map_value();
    for (std::size_t i = 0; i < value.children.size(); ++i) {
      const JsonKey& key = value.keys[i];
      Place below = Unknown(place, absl::StrCat(".", key.text));
      if (HasTemplate(key.text)) {
        AddTemplate(key.text, key.begin, key.end, true, below, nullptr);
      }
      Single({&item, -1}, value.children[i], below);
    }
  }

  void Scalar(const FieldStep& step, const JsonValue& value,
              const Place& place) {
    const FieldDescriptor& field = *step.field;
    const bool bare = value.kind == Kind::kTemplate;
    if (bare || (value.kind == Kind::kText && HasTemplate(value.text))) {
      AddTemplate(value.text, value.begin, value.end, !bare, place, &field);
      return;
    }
    const bool text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (value.kind == Kind::kObject || value.kind == Kind::kArray ||
        (text && value.kind == Kind::kScalar)) {
      return Problem(place.name, absl::StrCat("must be ", TypeName(field),
                                              ", got ", KindName(value)));
    }
    Check(field, value.text, place.name);
  }

  void Check(const FieldDescriptor& field, const std::string& text,
             const std::string& name) {
    const absl::Status status = CheckText(field, text);
    if (!status.ok()) Problem(name, std::string(status.message()));
  }

  // Tries the smallest and the greatest that a template gives.
  void CheckSamples(const FieldDescriptor& field, const Template& value,
                    const std::string& name) {
    if (!value.predictable()) return;
    if (value.raw() && field.type() == FieldDescriptor::TYPE_BYTES) return;
    for (const bool greatest : {false, true}) {
      const absl::Status status = CheckText(field, value.Sample(greatest));
      if (!status.ok()) return Problem(name, std::string(status.message()));
    }
  }

  void AddTemplate(const std::string& text, std::size_t begin, std::size_t end,
                   bool quoted, const Place& place,
                   const FieldDescriptor* field) {
    if (!HasTemplate(text)) return;
    absl::StatusOr<Template> value = Template::Parse(text, scope_);
    if (!value.ok()) {
      return Problem(place.name, std::string(value.status().message()));
    }
    TemplatePlace found;
    found.begin = begin;
    found.end = end;
    found.quoted = quoted;
    found.value = *std::move(value);
    found.field = place.name;
    if (place.settable && field != nullptr) found.path = place.path;
    if (field != nullptr) CheckSamples(*field, found.value, place.name);
    result_.places.push_back(std::move(found));
  }

  // A place below, of which no type is known.
  static Place Unknown(const Place& place, const std::string& name) {
    Place below;
    below.settable = false;
    below.name = absl::StrCat(place.name, name);
    return below;
  }

  void Problem(const std::string& field, std::string message) {
    result_.problems.push_back({field, std::move(message)});
  }

  const TemplateScope& scope_;
  DataWalk& result_;
};

}  // namespace

DataWalk WalkData(const JsonValue& json, const Descriptor* type,
                  const TemplateScope& scope, const std::string& field) {
  DataWalk result;
  Place place;
  place.type = type;
  place.name = field;
  if (type != nullptr && !IsPlainMessage(*type)) {
    place.type = nullptr;
    place.settable = false;
  }
  Walker(scope, result).Value(json, place);
  return result;
}

}  // namespace perfrig::suites
