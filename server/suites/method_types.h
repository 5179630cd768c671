// Where the checker and the call compiler learn what a method takes and gives.
#ifndef PERFRIG_SERVER_SUITES_METHOD_TYPES_H_
#define PERFRIG_SERVER_SUITES_METHOD_TYPES_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace perfrig::suites {

class MethodTypes {
 public:
  virtual ~MethodTypes() = default;
  // `method` is "pkg.Service/Method". NOT_FOUND with the nearest name if the
  // target has no such method; UNAVAILABLE if the target cannot be asked. The
  // descriptor lives as long as this.
  virtual absl::StatusOr<const google::protobuf::MethodDescriptor*> Find(
      std::string_view method) = 0;
};

// The methods compiled into this process: the mock targets.
class BuiltInMethodTypes final : public MethodTypes {
 public:
  absl::StatusOr<const google::protobuf::MethodDescriptor*> Find(
      std::string_view method) override;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_METHOD_TYPES_H_
