// Asks a target what it offers, by gRPC server reflection.
//
//   ASSIGN_OR_RETURN(auto types,
//                    ReflectedTypes::Connect(clock, address, deadline, stop));
//   ASSIGN_OR_RETURN(const auto* method, types->Find("pkg.Service/Method"));
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_REFLECTION_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_REFLECTION_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>

#include <cstddef>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "perfrig/wire/reflection.pb.h"
#include "server/drivers/grpc/blocking_client.h"

namespace perfrig::drivers {

// Not thread-safe. What was asked for once is kept.
class ReflectedTypes {
 public:
  // UNAVAILABLE if the target cannot be reached; UNIMPLEMENTED if it knows
  // neither grpc.reflection.v1 nor v1alpha. CANCELLED, as every later question,
  // soon after `stop` is requested. `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<ReflectedTypes>> Connect(
      Clock& clock, const std::string& address, Nanos deadline,
      const std::stop_token& stop);

  // `method` is "pkg.Service/Method", with or without a slash before it. The
  // descriptor lives as long as this. NOT_FOUND with the nearest name if the
  // target has no such method.
  absl::StatusOr<const google::protobuf::MethodDescriptor*> Find(
      std::string_view method);
  // With their packages, in the target's order.
  absl::StatusOr<std::vector<std::string>> Services();

 private:
  // Keeps the first complaint about the target's descriptors.
  class Complaints final
      : public google::protobuf::DescriptorPool::ErrorCollector {
   public:
    void AddError(const std::string& file, const std::string& element,
                  const google::protobuf::Message* descriptor,
                  ErrorLocation location, const std::string& text) override;
    [[nodiscard]] const std::string& first() const { return first_; }

   private:
    std::string first_;
  };

  ReflectedTypes(std::string address, std::unique_ptr<BlockingClient> client);

  absl::StatusOr<wire::ServerReflectionResponse> Ask(
      const wire::ServerReflectionRequest& question, Nanos timeout);
  absl::StatusOr<const google::protobuf::ServiceDescriptor*> FindService(
      const std::string& name);
  // Fetches the files that declare `symbol`, and all that they import.
  absl::Status Fetch(const std::string& symbol);
  absl::Status FetchFile(const std::string& file);
  absl::Status Add(const wire::FileDescriptorResponse& files);
  void AddFile(const google::protobuf::FileDescriptorProto& file);

  const std::string address_;
  std::unique_ptr<BlockingClient> client_;
  // "v1" until the target does not know it.
  std::string version_ = "v1";
  std::vector<std::string> services_;

  std::size_t bytes_ = 0;
  std::set<std::string> files_;
  // Imported by a file that is here, and not here themselves.
  std::vector<std::string> missing_;
  google::protobuf::SimpleDescriptorDatabase database_;
  Complaints complaints_;
  google::protobuf::DescriptorPool pool_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_REFLECTION_H_
