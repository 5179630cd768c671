// The groups of a test, told in one way for tests that have some and tests
// that are one themselves.
#ifndef PERFRIG_SERVER_SUITES_GROUPS_H_
#define PERFRIG_SERVER_SUITES_GROUPS_H_

#include <string>
#include <vector>

#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// Calls and load are its test's.
struct GroupView {
  // Empty: the test itself, which has no groups.
  std::string name;
  const google::protobuf::RepeatedPtrField<v1::Call>* calls = nullptr;
  bool mix = false;
  const v1::Load* load = nullptr;
};

// At least one.
std::vector<GroupView> GroupsOf(const v1::Test& test);

// Under which name a call of the group has its figures: "step", "group.step",
// "group" where that makes no other; empty: they are the test's own.
std::string FiguresName(const GroupView& group, const v1::Call& call);

// All names under which the test has figures, beside its own.
std::vector<std::string> FiguresNames(const v1::Test& test);

// Whether iterations are planned ahead, whatever comes back.
bool IsOpen(const v1::Load& load);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_GROUPS_H_
