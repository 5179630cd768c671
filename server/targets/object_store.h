// The target that stands for an object store.
#ifndef PERFRIG_SERVER_TARGETS_OBJECT_STORE_H_
#define PERFRIG_SERVER_TARGETS_OBJECT_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "perfrig/target/v1/object_store.grpc.pb.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/blob.h"
#include "server/targets/objects.h"
#include "server/targets/serve.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 50 ms to the first byte of a read, 10 ms to acknowledge a write, where the
// behavior has no delay; 100 MB/s each way for each call.
class ObjectStoreTarget final
    : public Target,
      public target::v1::ObjectStore::CallbackService {
 public:
  // Holds at most `bytes`, uploads in progress included.
  ObjectStoreTarget(const TargetSetup& setup, std::uint64_t bytes);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  // All of an object, for a target that stands before this one.
  // RESOURCE_EXHAUSTED where it has more bytes than `most`.
  Task<absl::Status> Fetch(Stay& stay, const std::string& key,
                           std::uint64_t most, std::string& content);

  grpc::ServerReadReactor<target::v1::PutObjectRequest>* PutObject(
      grpc::CallbackServerContext* context,
      target::v1::ObjectInfo* response) override;
  grpc::ServerWriteReactor<target::v1::GetObjectResponse>* GetObject(
      grpc::CallbackServerContext* context,
      const target::v1::GetObjectRequest* request) override;
  grpc::ServerUnaryReactor* HeadObject(
      grpc::CallbackServerContext* context,
      const target::v1::HeadObjectRequest* request,
      target::v1::ObjectInfo* response) override;
  grpc::ServerUnaryReactor* ListObjects(
      grpc::CallbackServerContext* context,
      const target::v1::ListObjectsRequest* request,
      target::v1::ListObjectsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteObject(
      grpc::CallbackServerContext* context,
      const target::v1::DeleteObjectRequest* request,
      target::v1::DeleteObjectResponse* response) override;

 private:
  using PutCall = ReadCall<target::v1::PutObjectRequest>;
  using GetCall = WriteCall<target::v1::GetObjectResponse>;

  // What was put, or what the seed makes.
  absl::StatusOr<std::shared_ptr<const Object>> Find(const std::string& key);

  Task<absl::Status> Receive(PutCall& call, target::v1::ObjectInfo& response);
  Task<absl::Status> Send(GetCall& call,
                          const target::v1::GetObjectRequest& request);
  Task<absl::Status> Head(Stay& stay,
                          const target::v1::HeadObjectRequest& request,
                          target::v1::ObjectInfo& response);
  Task<absl::Status> List(Stay& stay,
                          const target::v1::ListObjectsRequest& request,
                          target::v1::ListObjectsResponse& response);
  Task<absl::Status> Delete(Stay& stay,
                            const target::v1::DeleteObjectRequest& request,
                            target::v1::DeleteObjectResponse& response);

  void ClearState() override { objects_.Clear(); }
  void DescribeState(google::protobuf::Struct& state) override;

  const DelaySampler read_delay_ = DelaySampler::Fixed(50 * kMillisecond);
  const DelaySampler write_delay_ = DelaySampler::Fixed(10 * kMillisecond);
  // Outlive the objects.
  ByteBudget budget_;
  // Of objects that the seed makes, which live as long as a call reads them.
  ByteBudget seeded_{UINT64_MAX};
  Objects objects_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OBJECT_STORE_H_
