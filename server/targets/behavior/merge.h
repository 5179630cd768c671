// Changing a part of a v1.Behavior.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_MERGE_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_MERGE_H_

#include <string>
#include <vector>

#include "common/strings/field_problem.h"
#include "google/protobuf/field_mask.pb.h"
#include "perfrig/v1/behavior.pb.h"

namespace perfrig::targets {

// Paths of the fields that `mask` picks, "*" being all; without paths, those
// that are set in `change`. Options are picked one by one
// ("database.replicas"). Paths that are no fields are added to `problems`.
std::vector<std::string> PickedFields(const v1::Behavior& change,
                                      const google::protobuf::FieldMask& mask,
                                      std::vector<FieldProblem>& problems);

// `current` with these fields as in `change`, or as in `defaults` where they
// are not set there.
v1::Behavior MergeBehavior(const v1::Behavior& current,
                           const v1::Behavior& defaults,
                           const v1::Behavior& change,
                           const std::vector<std::string>& fields);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_MERGE_H_
