// Asks a service for the types of a method, by gRPC server reflection.
#ifndef PERFRIG_CLIENT_DAEMON_REFLECTED_METHOD_H_
#define PERFRIG_CLIENT_DAEMON_REFLECTED_METHOD_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/time/clock.h"

namespace perfrig {

class ReflectedMethod {
 public:
  // `method` is "pkg.Service/Method". UNAVAILABLE where nothing answers at
  // `address`, UNIMPLEMENTED where it offers no reflection (v1 or v1alpha),
  // NOT_FOUND with the nearest name where there is no such method.
  static absl::StatusOr<std::unique_ptr<ReflectedMethod>> Find(
      const Clock& clock, const std::string& address,
      const std::string& method);

  // Lives as long as this.
  [[nodiscard]] const google::protobuf::MethodDescriptor& descriptor() const {
    return *descriptor_;
  }

 private:
  ReflectedMethod() : pool_(&database_) {}

  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_;
  const google::protobuf::MethodDescriptor* descriptor_ = nullptr;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_DAEMON_REFLECTED_METHOD_H_
