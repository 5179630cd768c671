// A suite to start from, as text with comments.
#ifndef PERFRIG_CLIENT_VIEWS_SUITE_DRAFT_H_
#define PERFRIG_CLIENT_VIEWS_SUITE_DRAFT_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace perfrig {

// Of one test. Without `method`: a call of the daemon's own mock targets. With
// it: a call of that method at `target`, its request filled in field by field.
// The suite is called like `file` ("perf/Check out.yaml" as "check-out").
[[nodiscard]] std::string DraftSuite(
    const std::string& file, const std::string& target,
    const google::protobuf::MethodDescriptor* method);

// The request as YAML lines behind `indent` blanks; empty where it has no
// fields. Texts and numbers are templates, so that calls differ; enums have
// their first value, lists and maps one entry, oneofs their first field.
[[nodiscard]] std::string DraftMessage(
    const google::protobuf::Descriptor& message, int indent);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_SUITE_DRAFT_H_
