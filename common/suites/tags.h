// Which tests a choice by tags takes.
#ifndef PERFRIG_COMMON_SUITES_TAGS_H_
#define PERFRIG_COMMON_SUITES_TAGS_H_

#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// True if the test or its suite has each of `tags`, and neither has one that
// stands there with a "!" before it.
[[nodiscard]] bool HasTags(
    const v1::Suite& suite, const v1::Test& test,
    const google::protobuf::RepeatedPtrField<std::string>& tags);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_SUITES_TAGS_H_
