#include "server/suites/mock_targets.h"

#include <algorithm>

#include "perfrig/v1/behavior.pb.h"
#include "server/suites/test_targets.h"

namespace perfrig::suites {

const std::vector<std::string>& MockTargets() {
  // The one without options, and those with some.
  static const auto& names = *[] {
    auto* all = new std::vector<std::string>{"echo"};
    const auto* options =
        v1::Behavior::descriptor()->FindOneofByName("options");
    for (int i = 0; i < options->field_count(); ++i) {
      all->push_back(options->field(i)->name());
    }
    return all;
  }();
  return names;
}

bool CallsMockTargets(const v1::Suite& suite, const v1::Test& test) {
  return AreOwn(TargetsOf(suite, test));
}

}  // namespace perfrig::suites
