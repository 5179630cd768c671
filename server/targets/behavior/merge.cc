#include "server/targets/behavior/merge.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"

namespace perfrig::targets {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

bool IsSet(const v1::Behavior& behavior, const FieldDescriptor* field) {
  const Reflection* const reflection = v1::Behavior::GetReflection();
  return field->is_repeated() ? reflection->FieldSize(behavior, field) > 0
                              : reflection->HasField(behavior, field);
}

std::vector<std::string> AllFields() {
  const Descriptor* const descriptor = v1::Behavior::descriptor();
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(descriptor->field_count()));
  for (int i = 0; i < descriptor->field_count(); ++i) {
    names.push_back(descriptor->field(i)->name());
  }
  return names;
}

// Of `to`, which becomes as in `from`.
void Take(v1::Behavior from, const FieldDescriptor* field, v1::Behavior& to) {
  const Reflection* const reflection = v1::Behavior::GetReflection();
  reflection->SwapFields(&from, &to, {field});
}

}  // namespace

std::vector<std::string> PickedFields(const v1::Behavior& change,
                                      const google::protobuf::FieldMask& mask,
                                      std::vector<FieldProblem>& problems) {
  const Descriptor* const descriptor = v1::Behavior::descriptor();
  std::vector<std::string> picked;
  if (mask.paths().empty()) {
    for (const std::string& name : AllFields()) {
      if (IsSet(change, descriptor->FindFieldByName(name))) {
        picked.push_back(name);
      }
    }
    return picked;
  }
  for (const std::string& path : mask.paths()) {
    if (path == "*") return AllFields();
    if (descriptor->FindFieldByName(path) != nullptr) {
      picked.push_back(path);
    } else {
      problems.push_back(
          {"update_mask",
           absl::StrCat("must name fields of Behavior, got \"", path, "\"",
                        DidYouMean(path, AllFields()))});
    }
  }
  return picked;
}

v1::Behavior MergeBehavior(const v1::Behavior& current,
                           const v1::Behavior& defaults,
                           const v1::Behavior& change,
                           const std::vector<std::string>& fields) {
  v1::Behavior merged = current;
  for (const std::string& name : fields) {
    const FieldDescriptor* const field =
        v1::Behavior::descriptor()->FindFieldByName(name);
    Take(IsSet(change, field) ? change : defaults, field, merged);
  }
  return merged;
}

}  // namespace perfrig::targets
