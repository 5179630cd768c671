#include "client/daemon/reflected_method.h"

#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/sync_stream.h>

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rpc/channel.h"
#include "common/rpc/status.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "perfrig/wire/reflection.pb.h"

namespace perfrig {
namespace {

namespace pb = google::protobuf;

// What a service tells is material from outside.
constexpr std::size_t kMostFiles = 4'096;
constexpr absl::Duration kTimeout = absl::Seconds(10);

// One version of the reflection service, asked question by question.
class Reflection {
 public:
  Reflection(const Clock& clock, const std::string& address,
             const char* version)
      : channel_(MakeChannel(address)),
        path_(absl::StrCat("/grpc.reflection.", version,
                           ".ServerReflection/ServerReflectionInfo")) {
    context_.set_deadline(absl::ToChronoTime(clock.WallTime() + kTimeout));
    // What generated stubs do; gRPC's own messages of it would be registered
    // twice beside its reflection library's.
    const grpc::internal::RpcMethod method(
        path_.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING);
    stream_.reset(grpc::internal::ClientReaderWriterFactory<
                  wire::ServerReflectionRequest,
                  wire::ServerReflectionResponse>::Create(channel_.get(),
                                                          method, &context_));
  }
  ~Reflection() {
    if (stream_ != nullptr) End().IgnoreError();
  }
  Reflection(const Reflection&) = delete;
  Reflection& operator=(const Reflection&) = delete;

  absl::StatusOr<wire::ServerReflectionResponse> Ask(
      const wire::ServerReflectionRequest& question) {
    wire::ServerReflectionResponse answer;
    if (stream_ == nullptr || !stream_->Write(question) ||
        !stream_->Read(&answer)) {
      const absl::Status status = End();
      return status.ok() ? absl::InternalError("reflection gave no answer")
                         : status;
    }
    if (!answer.has_error_response()) return answer;
    const wire::ReflectionError& error = answer.error_response();
    return FromGrpc({static_cast<grpc::StatusCode>(
                         error.error_code() == 0 ? grpc::StatusCode::UNKNOWN
                                                 : error.error_code()),
                     error.error_message()});
  }

 private:
  absl::Status End() {
    if (stream_ == nullptr) return absl::InternalError("reflection has ended");
    stream_->WritesDone();
    const grpc::Status status = stream_->Finish();
    stream_.reset();
    return FromGrpc(status);
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const std::string path_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<wire::ServerReflectionRequest,
                                           wire::ServerReflectionResponse>>
      stream_;
};

// Some services leave out what every client knows.
absl::StatusOr<wire::ServerReflectionResponse> FromOurs(
    const wire::ServerReflectionRequest& question, const absl::Status& status) {
  const pb::FileDescriptor* known =
      pb::DescriptorPool::generated_pool()->FindFileByName(
          question.file_by_filename());
  if (known == nullptr) return status;
  pb::FileDescriptorProto file;
  known->CopyTo(&file);
  wire::ServerReflectionResponse answer;
  answer.mutable_file_descriptor_response()->add_file_descriptor_proto(
      file.SerializeAsString());
  return answer;
}

// The files that declare `symbol`, and all that they import.
absl::Status Fetch(Reflection& reflection, const std::string& symbol,
                   pb::SimpleDescriptorDatabase& database) {
  std::set<std::string> files;
  std::vector<std::string> missing;
  wire::ServerReflectionRequest question;
  question.set_file_containing_symbol(symbol);
  while (true) {
    auto answer = reflection.Ask(question);
    if (!answer.ok()) answer = FromOurs(question, answer.status());
    RETURN_IF_ERROR(answer.status());
    for (const std::string& bytes :
         answer->file_descriptor_response().file_descriptor_proto()) {
      pb::FileDescriptorProto file;
      if (!file.ParseFromString(bytes) || files.size() == kMostFiles) {
        return absl::InternalError("its descriptors are of no use");
      }
      if (!files.insert(file.name()).second) continue;
      database.Add(file);
      missing.insert(missing.end(), file.dependency().begin(),
                     file.dependency().end());
    }
    while (!missing.empty() && files.count(missing.back()) > 0) {
      missing.pop_back();
    }
    if (missing.empty()) return absl::OkStatus();
    question.set_file_by_filename(missing.back());
    missing.pop_back();
  }
}

absl::StatusOr<std::vector<std::string>> ServicesOf(Reflection& reflection) {
  wire::ServerReflectionRequest question;
  question.set_list_services("*");
  ASSIGN_OR_RETURN(const wire::ServerReflectionResponse answer,
                   reflection.Ask(question));
  std::vector<std::string> names;
  for (const auto& service : answer.list_services_response().service()) {
    names.push_back(service.name());
  }
  return names;
}

std::vector<std::string> MethodsOf(const pb::ServiceDescriptor& service) {
  std::vector<std::string> names;
  for (int i = 0; i < service.method_count(); ++i) {
    names.push_back(service.method(i)->name());
  }
  return names;
}

absl::Status At(const std::string& address, const absl::Status& status) {
  return {status.code(),
          absl::StrCat(address, ": ", std::string(status.message()))};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReflectedMethod>> ReflectedMethod::Find(
    const Clock& clock, const std::string& address, const std::string& method) {
  const std::size_t slash = method.rfind('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == method.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a method is written as pkg.Service/Method, got \"", method, "\""));
  }
  const std::string service = method.substr(0, slash);
  const std::string name = method.substr(slash + 1);
  auto reflection = std::make_unique<Reflection>(clock, address, "v1");
  auto services = ServicesOf(*reflection);
  if (absl::IsUnimplemented(services.status())) {
    reflection = std::make_unique<Reflection>(clock, address, "v1alpha");
    services = ServicesOf(*reflection);
  }
  if (absl::IsUnimplemented(services.status())) {
    return absl::UnimplementedError(
        absl::StrCat(address,
                     " offers no server reflection, by which it would tell its "
                     "types; switch it on there"));
  }
  if (!services.ok()) return At(address, services.status());
  // Its constructor is private.
  std::unique_ptr<ReflectedMethod> found(new ReflectedMethod());
  const absl::Status fetched = Fetch(*reflection, service, found->database_);
  if (absl::IsNotFound(fetched)) {
    return absl::NotFoundError(absl::StrCat(address, " has no service \"",
                                            service, "\"",
                                            DidYouMean(service, *services)));
  }
  if (!fetched.ok()) return At(address, fetched);
  const pb::ServiceDescriptor* descriptor =
      found->pool_.FindServiceByName(service);
  if (descriptor == nullptr) {
    return absl::InternalError(absl::StrCat(address, ": the descriptors of ",
                                            service, " are of no use"));
  }
  found->descriptor_ = descriptor->FindMethodByName(name);
  if (found->descriptor_ == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(service, " has no method \"", name, "\"",
                     DidYouMean(name, MethodsOf(*descriptor))));
  }
  return found;
}

}  // namespace perfrig
