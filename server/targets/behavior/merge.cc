#include "server/targets/behavior/merge.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"

namespace perfrig::targets {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Where a path such as "capacity" or "database.replicas" leads.
struct Place {
  // The options' field; null: `field` is of the behavior itself.
  const FieldDescriptor* options = nullptr;
  const FieldDescriptor* field = nullptr;
};

std::optional<Place> PlaceOf(const std::string& path) {
  const std::size_t dot = path.find('.');
  const FieldDescriptor* const first =
      v1::Behavior::descriptor()->FindFieldByName(path.substr(0, dot));
  if (first == nullptr) return std::nullopt;
  if (first->real_containing_oneof() == nullptr) {
    if (dot != std::string::npos) return std::nullopt;
    return Place{nullptr, first};
  }
  if (dot == std::string::npos) return std::nullopt;
  const FieldDescriptor* const option =
      first->message_type()->FindFieldByName(path.substr(dot + 1));
  if (option == nullptr) return std::nullopt;
  return Place{first, option};
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const Reflection* const reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0
                              : reflection->HasField(message, field);
}

bool IsSet(const v1::Behavior& behavior, const Place& place) {
  if (place.options == nullptr) return IsSet(behavior, place.field);
  const Reflection* const reflection = v1::Behavior::GetReflection();
  return reflection->HasField(behavior, place.options) &&
         IsSet(reflection->GetMessage(behavior, place.options), place.field);
}

// Of all that a behavior has, and of the options that `behavior` has.
std::vector<std::string> PathsOf(const v1::Behavior& behavior) {
  std::vector<std::string> paths;
  const Descriptor* const descriptor = v1::Behavior::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* const field = descriptor->field(i);
    if (field->real_containing_oneof() == nullptr) {
      paths.push_back(field->name());
    } else if (IsSet(behavior, field)) {
      const Descriptor* const options = field->message_type();
      for (int k = 0; k < options->field_count(); ++k) {
        paths.push_back(
            absl::StrCat(field->name(), ".", options->field(k)->name()));
      }
    }
  }
  return paths;
}

// What `place` of `to` is in `from`.
void Take(v1::Behavior from, const Place& place, v1::Behavior& to) {
  const Reflection* const reflection = v1::Behavior::GetReflection();
  if (place.options == nullptr) {
    return reflection->SwapFields(&from, &to, {place.field});
  }
  Message* const options = reflection->MutableMessage(&to, place.options);
  options->GetReflection()->SwapFields(
      reflection->MutableMessage(&from, place.options), options, {place.field});
}

}  // namespace

std::vector<std::string> PickedFields(const v1::Behavior& change,
                                      const google::protobuf::FieldMask& mask,
                                      std::vector<FieldProblem>& problems) {
  std::vector<std::string> picked;
  if (mask.paths().empty()) {
    for (const std::string& path : PathsOf(change)) {
      if (IsSet(change, *PlaceOf(path))) picked.push_back(path);
    }
    return picked;
  }
  for (const std::string& path : mask.paths()) {
    if (path == "*") return PathsOf(change);
    if (PlaceOf(path).has_value()) {
      picked.push_back(path);
    } else {
      problems.push_back(
          {"update_mask",
           absl::StrCat("must name fields of Behavior, got \"", path, "\"",
                        DidYouMean(path, PathsOf(change)))});
    }
  }
  return picked;
}

v1::Behavior MergeBehavior(const v1::Behavior& current,
                           const v1::Behavior& defaults,
                           const v1::Behavior& change,
                           const std::vector<std::string>& fields) {
  v1::Behavior merged = current;
  for (const std::string& path : fields) {
    const Place place = *PlaceOf(path);
    Take(IsSet(change, place) ? change : defaults, place, merged);
  }
  return merged;
}

}  // namespace perfrig::targets
