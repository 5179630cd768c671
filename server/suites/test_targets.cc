#include "server/suites/test_targets.h"

#include <algorithm>

namespace perfrig::suites {

std::vector<std::string> TargetsOf(const v1::Suite& suite,
                                   const v1::Test& test) {
  const auto& targets =
      test.targets().empty() ? suite.targets() : test.targets();
  if (targets.empty()) return {std::string(kSelf)};
  return {targets.begin(), targets.end()};
}

bool IsOwn(std::string_view target) {
  return target == kSelf || target == kSpawn;
}

bool AreOwn(const std::vector<std::string>& targets) {
  return std::all_of(targets.begin(), targets.end(), IsOwn);
}

}  // namespace perfrig::suites
