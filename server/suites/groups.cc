#include "server/suites/groups.h"

#include "absl/strings/str_cat.h"

namespace perfrig::suites {

std::vector<GroupView> GroupsOf(const v1::Test& test) {
  if (test.groups().empty()) {
    return {{.name = "",
             .calls = &test.calls(),
             .mix = test.mix(),
             .load = &test.load()}};
  }
  std::vector<GroupView> groups;
  for (const v1::Group& group : test.groups()) {
    groups.push_back({.name = group.name(),
                      .calls = &group.calls(),
                      .mix = group.mix(),
                      .load = &group.load()});
  }
  return groups;
}

std::string FiguresName(const GroupView& group, const v1::Call& call) {
  if (group.calls->size() < 2) return group.name;
  if (group.name.empty()) return call.name();
  return absl::StrCat(group.name, ".", call.name());
}

std::vector<std::string> FiguresNames(const v1::Test& test) {
  std::vector<std::string> names;
  for (const GroupView& group : GroupsOf(test)) {
    if (!group.name.empty()) names.push_back(group.name);
    if (group.calls->size() < 2) continue;
    for (const v1::Call& call : *group.calls) {
      names.push_back(FiguresName(group, call));
    }
  }
  return names;
}

bool IsOpen(const v1::Load& load) {
  if (load.stages_size() > 0) {
    return load.stages(0).level_case() == v1::Stage::kRate;
  }
  return load.rate() > 0 || load.burst() > 0 || load.sessions() > 0 ||
         load.has_search();
}

}  // namespace perfrig::suites
