#include "server/targets/object_store.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/targets/object_transfers.h"
#include "server/targets/seeded_templates.h"
#include "server/targets/serve.h"

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

auto Work(Stay& stay, const google::protobuf::Message& request,
          const DelaySampler& delay) {
  return stay.Enter({.work_times = 1,
                     .transfer_bytes = BytesOf(request),
                     .own_delay = &delay});
}

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

absl::StatusOr<std::shared_ptr<const Object>> ObjectStoreTarget::Find(
    const std::string& key) {
  auto object = objects_.Get(key);
  if (object.ok()) return object;
  const std::optional<std::string> text = SeededTemplate(key, seed());
  if (!text.has_value()) return object;
  return MakeObject(key, *text, seeded_);
}

Task<absl::Status> ObjectStoreTarget::Fetch(Stay& stay, const std::string& key,
                                            std::uint64_t most,
                                            std::string& content) {
  CO_RETURN_IF_ERROR(CheckKey(key));
  CO_RETURN_IF_ERROR(
      co_await stay.Enter({.work_times = 1, .own_delay = &read_delay_}));
  CO_ASSIGN_OR_RETURN(const auto object, Find(key));
  const std::uint64_t size = object->info.size_bytes();
  if (size > most) {
    co_return absl::ResourceExhaustedError(
        absl::StrCat("object \"", key, "\": must have at most ", most,
                     " bytes, has ", size));
  }
  content = object->content->Read(0, size);
  co_return co_await stay.Transfer(static_cast<double>(size));
}

Task<absl::Status> ObjectStoreTarget::Receive(PutCall& call,
                                              ObjectInfo& response) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  const Nanos began = stay.Now();
  double bytes = 0;
  Upload upload(budget_, objects_);
  PutObjectRequest message;
  while (co_await call.Read(message)) {
    CO_RETURN_IF_ERROR(upload.Take(message));
    if (stay.TakesDrop()) co_return Dropped();
    bytes += static_cast<double>(message.chunk().size());
    CO_RETURN_IF_ERROR(co_await stay.WaitUntil(
        began + Station::TransferTime(stay, bytes), Phase::kTransfer));
  }
  CO_RETURN_IF_ERROR(call.ReadAll());
  CO_RETURN_IF_ERROR(upload.Complete());
  CO_RETURN_IF_ERROR(co_await stay.Work(&write_delay_));
  response = upload.Keep();
  co_return absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::Send(GetCall& call,
                                           const GetObjectRequest& request) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  CO_RETURN_IF_ERROR(co_await stay.Work(&read_delay_));
  const Nanos began = stay.Now();
  CO_ASSIGN_OR_RETURN(auto object, Find(request.key()));
  CO_ASSIGN_OR_RETURN(Download download,
                      Download::Of(request, std::move(object)));
  GetObjectResponse message;
  *message.mutable_info() = download.info();
  if (!co_await call.Write(message)) co_return Gone();
  double bytes = 0;
  for (std::string chunk = download.NextChunk(); !chunk.empty();
       chunk = download.NextChunk()) {
    if (stay.TakesDrop()) co_return Dropped();
    bytes += static_cast<double>(chunk.size());
    message.set_chunk(std::move(chunk));
    CO_RETURN_IF_ERROR(co_await stay.WaitUntil(
        began + Station::TransferTime(stay, bytes), Phase::kTransfer));
    if (!co_await call.Write(message)) co_return Gone();
  }
  co_return stay.TakesDrop() ? Dropped() : absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::Head(Stay& stay,
                                           const HeadObjectRequest& request,
                                           ObjectInfo& response) {
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await Work(stay, request, read_delay_));
  CO_ASSIGN_OR_RETURN(const auto object, Find(request.key()));
  response = object->info;
  co_return absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::List(Stay& stay,
                                           const ListObjectsRequest& request,
                                           ListObjectsResponse& response) {
  CO_RETURN_IF_ERROR(CheckList(request));
  CO_RETURN_IF_ERROR(co_await Work(stay, request, read_delay_));
  response = objects_.List(request);
  co_return absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::Delete(Stay& stay,
                                             const DeleteObjectRequest& request,
                                             DeleteObjectResponse& response) {
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await Work(stay, request, write_delay_));
  response.set_deleted(objects_.Delete(request.key()));
  co_return absl::OkStatus();
}

grpc::ServerReadReactor<PutObjectRequest>* ObjectStoreTarget::PutObject(
    grpc::CallbackServerContext* context, ObjectInfo* response) {
  return ServeStream<PutCall>(*this, context, [=, this](PutCall& call) {
    return Receive(call, *response);
  });
}

grpc::ServerWriteReactor<GetObjectResponse>* ObjectStoreTarget::GetObject(
    grpc::CallbackServerContext* context, const GetObjectRequest* request) {
  return ServeStream<GetCall>(*this, context, [=, this](GetCall& call) {
    return Send(call, *request);
  });
}

grpc::ServerUnaryReactor* ObjectStoreTarget::HeadObject(
    grpc::CallbackServerContext* context, const HeadObjectRequest* request,
    ObjectInfo* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Head(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* ObjectStoreTarget::ListObjects(
    grpc::CallbackServerContext* context, const ListObjectsRequest* request,
    ListObjectsResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return List(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* ObjectStoreTarget::DeleteObject(
    grpc::CallbackServerContext* context, const DeleteObjectRequest* request,
    DeleteObjectResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Delete(stay, *request, *response);
  });
}

void ObjectStoreTarget::DescribeState(google::protobuf::Struct& state) {
  auto& fields = *state.mutable_fields();
  fields["objects"].set_number_value(static_cast<double>(objects_.size()));
  fields["bytes"].set_number_value(static_cast<double>(budget_.used()));
  fields["bytes_limit"].set_number_value(static_cast<double>(budget_.limit()));
}

}  // namespace perfrig::targets
