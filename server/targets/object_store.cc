#include "server/targets/object_store.h"

#include <memory>
#include <utility>

#include "common/status/macros.h"
#include "server/targets/object_transfers.h"
#include "server/targets/unary_call.h"

namespace perfrig::targets {
namespace {

using target::v1::DeleteObjectRequest;
using target::v1::DeleteObjectResponse;
using target::v1::GetObjectRequest;
using target::v1::GetObjectResponse;
using target::v1::HeadObjectRequest;
using target::v1::ListObjectsRequest;
using target::v1::ListObjectsResponse;
using target::v1::ObjectInfo;
using target::v1::PutObjectRequest;

constexpr double kBytesPerSecond = 100e6;

}  // namespace

ObjectStoreTarget::ObjectStoreTarget(const TargetSetup& setup,
                                     std::uint64_t bytes)
    : Target(Kind(), setup), budget_(bytes) {}

TargetKind ObjectStoreTarget::Kind() {
  v1::Behavior behavior;
  behavior.set_bytes_per_second(kBytesPerSecond);
  return {"object_store", "perfrig.target.v1.ObjectStore",
          "An object store: 50 ms to the first byte read, 10 ms to "
          "acknowledge a write, 100 MB/s each way",
          std::move(behavior)};
}

grpc::ServerReadReactor<PutObjectRequest>* ObjectStoreTarget::PutObject(
    grpc::CallbackServerContext* context, ObjectInfo* response) {
  auto* const call =
      new Upload(*this, context, &write_delay_, budget_, objects_, *response);
  call->Start();
  return call;
}

grpc::ServerWriteReactor<GetObjectResponse>* ObjectStoreTarget::GetObject(
    grpc::CallbackServerContext* context, const GetObjectRequest* request) {
  auto* const call =
      new Download(*this, context, &read_delay_, objects_, *request);
  const absl::Status checked = CheckKey(request->key());
  if (checked.ok()) {
    call->Start();
  } else {
    call->EndRefused(checked);
  }
  return call;
}

grpc::ServerUnaryReactor* ObjectStoreTarget::HeadObject(
    grpc::CallbackServerContext* context, const HeadObjectRequest* request,
    ObjectInfo* response) {
  const absl::Status checked = CheckKey(request->key());
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  return ServeUnary(
      *this, context, *request, *response, {.own_delay = &read_delay_},
      [this, request, response]() -> absl::Status {
        ASSIGN_OR_RETURN(const auto object, objects_.Get(request->key()));
        *response = object->info;
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* ObjectStoreTarget::ListObjects(
    grpc::CallbackServerContext* context, const ListObjectsRequest* request,
    ListObjectsResponse* response) {
  const absl::Status checked = CheckList(*request);
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  return ServeUnary(*this, context, *request, *response,
                    {.own_delay = &read_delay_}, [this, request, response] {
                      *response = objects_.List(*request);
                      return absl::OkStatus();
                    });
}

grpc::ServerUnaryReactor* ObjectStoreTarget::DeleteObject(
    grpc::CallbackServerContext* context, const DeleteObjectRequest* request,
    DeleteObjectResponse* response) {
  const absl::Status checked = CheckKey(request->key());
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  return ServeUnary(*this, context, *request, *response,
                    {.own_delay = &write_delay_}, [this, request, response] {
                      response->set_deleted(objects_.Delete(request->key()));
                      return absl::OkStatus();
                    });
}

void ObjectStoreTarget::DescribeState(google::protobuf::Struct& state) {
  auto& fields = *state.mutable_fields();
  fields["objects"].set_number_value(static_cast<double>(objects_.size()));
  fields["bytes"].set_number_value(static_cast<double>(budget_.used()));
  fields["bytes_limit"].set_number_value(static_cast<double>(budget_.limit()));
}

}  // namespace perfrig::targets
