#include "server/runs/figure_names.h"

#include "server/suites/call_program.h"
#include "server/suites/groups.h"

namespace perfrig::runs {

FigureNames NamesOf(const v1::Test& test) {
  FigureNames names;
  names.observed = suites::ObserveNames(test);
  for (const suites::GroupView& group : suites::GroupsOf(test)) {
    for (const v1::Call& call : *group.calls) {
      names.steps.push_back({names.groups.size(), FiguresName(group, call)});
    }
    names.groups.push_back(group.name);
  }
  return names;
}

}  // namespace perfrig::runs
