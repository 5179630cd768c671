// The target that stands for an object store.
#ifndef PERFRIG_SERVER_TARGETS_OBJECT_STORE_H_
#define PERFRIG_SERVER_TARGETS_OBJECT_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "perfrig/target/v1/object_store.grpc.pb.h"
#include "server/backends/s3_client.h"
#include "server/targets/blob.h"
#include "server/targets/bucket.h"
#include "server/targets/memory_bucket.h"
#include "server/targets/object_put.h"
#include "server/targets/s3_bucket.h"
#include "server/targets/script/answers.h"
#include "server/targets/serve.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// 50 ms to the first byte of a read, 10 ms to acknowledge a write, where the
// behavior has no delay; 100 MB/s each way for each call. Or a real bucket, as
// fast as that is, with what the behavior adds.
class ObjectStoreTarget final
    : public Target,
      public target::v1::ObjectStore::CallbackService {
 public:
  // Holds at most `bytes`, uploads in progress included. `s3`: the real bucket;
  // null: none.
  ObjectStoreTarget(const TargetSetup& setup, std::uint64_t bytes,
                    std::unique_ptr<backends::S3Client> s3);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  // For targets that stand before this one; `stay` is a visit to this one's
  // station.
  //
  // All of an object. RESOURCE_EXHAUSTED where it has more bytes than `most`.
  Task<absl::Status> Fetch(Stay& stay, const std::string& key,
                           std::uint64_t most, std::string& content);
  // An object that comes in pieces.
  ObjectPut Put(Stay& stay) { return {bucket(), elsewhere(), stay}; }

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

  // Of a call that begins now: whatever is changed later, it stays there.
  Bucket& bucket();
  // What was put, or what the seed makes.
  Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> Open(
      Stay& stay, Bucket& bucket, const target::v1::GetObjectRequest& request);

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

  void Configure(const v1::Behavior& behavior) override;
  void CheckOptions(const v1::Behavior& behavior,
                    std::vector<FieldProblem>& problems) const override;
  // The bandwidth of the default is the mock's alone.
  [[nodiscard]] v1::Behavior ForStation(
      const v1::Behavior& behavior) const override;
  // What is in the real bucket stays there.
  void ClearState() override { memory_.Clear(); }
  void DescribeState(google::protobuf::Struct& state) override;

  // Outlives the objects, and what is on its way to the real bucket.
  ByteBudget budget_;
  MemoryBucket memory_{budget_};
  Answers answers_;
  // Its thread ends before what its callbacks touch.
  const std::unique_ptr<backends::S3Client> s3_;
  std::optional<S3Bucket> real_;
  std::atomic<bool> uses_real_ = false;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OBJECT_STORE_H_
