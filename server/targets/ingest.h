// The target that stands for a service that takes files.
#ifndef PERFRIG_SERVER_TARGETS_INGEST_H_
#define PERFRIG_SERVER_TARGETS_INGEST_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "perfrig/target/v1/ingest.grpc.pb.h"
#include "server/targets/callers.h"
#include "server/targets/object_store.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/serve.h"
#include "server/targets/target.h"
#include "server/targets/upload_quotas.h"

namespace perfrig::targets {

// Without a delay of its own: an upload takes the object store's.
class IngestTarget final : public Target,
                           public target::v1::Ingest::CallbackService {
 public:
  // `objects` outlives this.
  IngestTarget(const TargetSetup& setup, ObjectStoreTarget& objects);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerReadReactor<target::v1::UploadRequest>* Upload(
      grpc::CallbackServerContext* context,
      target::v1::UploadResponse* response) override;
  grpc::ServerUnaryReactor* Validate(
      grpc::CallbackServerContext* context,
      const target::v1::ValidateRequest* request,
      target::v1::ValidateResponse* response) override;
  grpc::ServerUnaryReactor* IssueToken(
      grpc::CallbackServerContext* context,
      const target::v1::IssueTokenRequest* request,
      target::v1::IssueTokenResponse* response) override;

 private:
  using UploadCall = ReadCall<target::v1::UploadRequest>;
  // An upload's way through the object store.
  class Passage;

  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override { quotas_.Clear(); }
  void DescribeState(google::protobuf::Struct& state) override;

  Task<absl::StatusOr<Caller>> Authorize(
      Stay& stay, const grpc::CallbackServerContext& context);
  Task<absl::Status> Receive(UploadCall& call,
                             target::v1::UploadResponse& response);
  // All messages of the call.
  Task<absl::Status> TakeParts(UploadCall& call, const std::string& subject,
                               UploadQuotas::Charge& charge, Passage& passage);
  Task<absl::Status> Read(Stay& stay,
                          const grpc::CallbackServerContext& context,
                          target::v1::ValidateResponse& response);

  ObjectStoreTarget& objects_;
  Callers callers_;
  UploadQuotas quotas_;
  std::atomic<std::uint64_t> file_bytes_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_INGEST_H_
