#include "server/targets/object_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/targets/fields.h"
#include "server/targets/objects.h"
#include "server/targets/seeded_templates.h"

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

bool IsReal(const v1::Behavior& behavior) {
  return behavior.object_store().back_end() == v1::REAL;
}

auto Work(Stay& stay, const google::protobuf::Message& request,
          const DelaySampler* delay) {
  return stay.Enter({.work_times = 1,
                     .transfer_bytes = BytesOf(request),
                     .own_delay = delay});
}

absl::Status TooLarge(const std::string& key, std::uint64_t most,
                      std::uint64_t size) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "object \"", key, "\": must have at most ", most, " bytes, has ", size));
}

}  // namespace

ObjectStoreTarget::ObjectStoreTarget(const TargetSetup& setup,
                                     std::uint64_t bytes,
                                     std::unique_ptr<backends::S3Client> s3)
    : Target(Kind(), setup), budget_(bytes), s3_(std::move(s3)) {
  if (s3_ != nullptr) real_.emplace(*s3_, answers_, budget_);
}

TargetKind ObjectStoreTarget::Kind() {
  v1::Behavior behavior;
  behavior.set_bytes_per_second(kBytesPerSecond);
  behavior.mutable_object_store()->set_back_end(v1::MOCK);
  return {"object_store", "perfrig.target.v1.ObjectStore",
          "An object store: 50 ms to the first byte read, 10 ms to "
          "acknowledge a write, 100 MB/s each way",
          std::move(behavior)};
}

void ObjectStoreTarget::Configure(const v1::Behavior& behavior) {
  uses_real_ = IsReal(behavior) && real_.has_value();
}

void ObjectStoreTarget::CheckOptions(
    const v1::Behavior& behavior, std::vector<FieldProblem>& problems) const {
  if (!IsReal(behavior) || real_.has_value()) return;
  problems.push_back({"behavior.object_store.back_end",
                      "REAL needs a daemon with --s3, got none"});
}

v1::Behavior ObjectStoreTarget::ForStation(const v1::Behavior& behavior) const {
  v1::Behavior carried_out = behavior;
  if (IsReal(behavior) && behavior.bytes_per_second() == kBytesPerSecond) {
    carried_out.clear_bytes_per_second();
  }
  return carried_out;
}

Bucket& ObjectStoreTarget::bucket() {
  if (uses_real_) return *real_;
  return memory_;
}

Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> ObjectStoreTarget::Open(
    Stay& stay, Bucket& bucket, const GetObjectRequest& request) {
  auto reader = co_await bucket.Open(stay, request);
  if (!absl::IsNotFound(reader.status())) co_return reader;
  const auto text = SeededTemplate(request.key(), seed());
  if (!text.has_value()) co_return reader;
  co_return MemoryBucket::Read(request, *text);
}

Task<absl::Status> ObjectStoreTarget::Fetch(Stay& stay, const std::string& key,
                                            std::uint64_t most,
                                            std::string& content) {
  Bucket& bucket = this->bucket();
  CO_RETURN_IF_ERROR(CheckKey(key));
  CO_RETURN_IF_ERROR(
      co_await stay.Enter({.work_times = 1, .own_delay = bucket.read_delay()}));
  GetObjectRequest request;
  request.set_key(key);
  CO_ASSIGN_OR_RETURN(const auto reader, co_await Open(stay, bucket, request));
  const std::uint64_t size = reader->info().size_bytes();
  if (size > most) co_return TooLarge(key, most, size);
  content.clear();
  while (true) {
    CO_ASSIGN_OR_RETURN(const std::string chunk, co_await reader->Read(stay));
    if (chunk.empty()) break;
    content += chunk;
    // A real store might send more than it said.
    if (content.size() > most) co_return TooLarge(key, most, content.size());
  }
  co_return co_await stay.Transfer(static_cast<double>(content.size()));
}

Task<absl::Status> ObjectStoreTarget::Receive(PutCall& call,
                                              ObjectInfo& response) {
  Stay& stay = call.stay();
  ObjectPut put = Put(stay);
  CO_RETURN_IF_ERROR(co_await put.Enter());
  const PutObjectRequest& message = call.request();
  bool first = true;
  for (;; first = false) {
    CO_ASSIGN_OR_RETURN(const bool more, co_await call.Read());
    if (!more) break;
    CO_RETURN_IF_ERROR(CheckPart(first, message));
    if (first) {
      CO_RETURN_IF_ERROR(put.Open(message.header()));
    } else {
      CO_RETURN_IF_ERROR(co_await put.Add(message.chunk()));
    }
  }
  CO_RETURN_IF_ERROR(call.ReadAll());
  if (first) co_return NoHeader();
  CO_ASSIGN_OR_RETURN(response, co_await put.Finish());
  co_return absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::Send(GetCall& call,
                                           const GetObjectRequest& request) {
  Stay& stay = call.stay();
  Bucket& bucket = this->bucket();
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  CO_RETURN_IF_ERROR(co_await stay.Work(bucket.read_delay()));
  CO_ASSIGN_OR_RETURN(const auto reader, co_await Open(stay, bucket, request));
  const Nanos began = stay.Now();
  GetObjectResponse& message = call.response();
  *message.mutable_info() = reader->info();
  CO_RETURN_IF_ERROR(co_await call.Write());
  double bytes = 0;
  while (true) {
    if (stay.TakesDrop()) co_return Dropped();
    CO_ASSIGN_OR_RETURN(std::string chunk, co_await reader->Read(stay));
    if (chunk.empty()) co_return absl::OkStatus();
    bytes += static_cast<double>(chunk.size());
    message.set_chunk(std::move(chunk));
    CO_RETURN_IF_ERROR(co_await stay.WaitUntil(
        began + Station::TransferTime(stay, bytes), Phase::kTransfer));
    CO_RETURN_IF_ERROR(co_await call.Write());
  }
}

Task<absl::Status> ObjectStoreTarget::Head(Stay& stay,
                                           const HeadObjectRequest& request,
                                           ObjectInfo& response) {
  Bucket& bucket = this->bucket();
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await Work(stay, request, bucket.read_delay()));
  auto info = co_await bucket.Head(stay, request.key());
  if (absl::IsNotFound(info.status())) {
    const auto text = SeededTemplate(request.key(), seed());
    if (text.has_value()) info = MemoryBucket::InfoOf(request.key(), *text);
  }
  CO_ASSIGN_OR_RETURN(response, std::move(info));
  co_return absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::List(Stay& stay,
                                           const ListObjectsRequest& request,
                                           ListObjectsResponse& response) {
  Bucket& bucket = this->bucket();
  CO_RETURN_IF_ERROR(CheckList(request));
  CO_RETURN_IF_ERROR(bucket.CheckToken(request.page_token()));
  CO_RETURN_IF_ERROR(co_await Work(stay, request, bucket.read_delay()));
  CO_ASSIGN_OR_RETURN(response, co_await bucket.List(stay, request));
  co_return absl::OkStatus();
}

Task<absl::Status> ObjectStoreTarget::Delete(Stay& stay,
                                             const DeleteObjectRequest& request,
                                             DeleteObjectResponse& response) {
  Bucket& bucket = this->bucket();
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await Work(stay, request, bucket.write_delay()));
  CO_ASSIGN_OR_RETURN(const bool deleted,
                      co_await bucket.Delete(stay, request.key()));
  response.set_deleted(deleted);
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
  Tell(state, "objects", static_cast<double>(memory_.size()));
  Tell(state, "bytes", static_cast<double>(budget_.used()));
  Tell(state, "bytes_limit", static_cast<double>(budget_.limit()));
  if (s3_ == nullptr) return;
  (*state.mutable_fields())["s3"].set_string_value(s3_->Address());
}

}  // namespace perfrig::targets
