#include "server/drivers/grpc/reflection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"

namespace perfrig::drivers {
namespace {

namespace pb = google::protobuf;

// A target's descriptors are material from outside.
constexpr std::size_t kMostBytes = std::size_t{32} << 20;
constexpr std::size_t kMostFiles = 4096;
constexpr Nanos kTimeout = 10 * kSecond;

// An error is never OK, whatever its number says.
absl::StatusCode CodeOf(int number) {
  const auto code = static_cast<absl::StatusCode>(number);
  return number >= 1 && code <= absl::StatusCode::kUnauthenticated
             ? code
             : absl::StatusCode::kUnknown;
}

std::vector<std::string> MethodNames(const pb::ServiceDescriptor& service) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(service.method_count()));
  for (int i = 0; i < service.method_count(); ++i) {
    names.push_back(service.method(i)->name());
  }
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReflectedTypes>> ReflectedTypes::Connect(
    Clock& clock, const std::string& address, Nanos deadline,
    const std::stop_token& stop) {
  ASSIGN_OR_RETURN(std::unique_ptr<BlockingClient> client,
                   BlockingClient::Connect(clock, address, deadline, stop));
  // Its constructor is private.
  std::unique_ptr<ReflectedTypes> types(
      new ReflectedTypes(address, std::move(client)));
  wire::ServerReflectionRequest question;
  question.set_list_services("*");
  const Nanos left =
      deadline == kNever ? kNever : std::max<Nanos>(1, deadline - clock.Now());
  auto answer = types->Ask(question, left);
  if (absl::IsUnimplemented(answer.status())) {
    types->version_ = "v1alpha";
    answer = types->Ask(question, left);
  }
  if (absl::IsUnimplemented(answer.status())) {
    return absl::UnimplementedError(
        absl::StrCat(address,
                     " offers no server reflection (grpc.reflection.v1 or "
                     "v1alpha), by which it would tell its types; switch it "
                     "on there, since descriptor sets are not read yet"));
  }
  RETURN_IF_ERROR(answer.status());
  for (const auto& service : answer->list_services_response().service()) {
    types->services_.push_back(service.name());
  }
  return types;
}

ReflectedTypes::ReflectedTypes(std::string address,
                               std::unique_ptr<BlockingClient> client)
    : address_(std::move(address)),
      client_(std::move(client)),
      pool_(&database_, &complaints_) {}

absl::StatusOr<std::vector<std::string>> ReflectedTypes::Services() {
  return services_;
}

absl::StatusOr<const pb::MethodDescriptor*> ReflectedTypes::Find(
    std::string_view method) {
  std::string_view rest = method;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos || slash == 0 ||
      slash + 1 == rest.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("method \"", std::string(method),
                     "\" must be written as pkg.Service/Method"));
  }
  const std::string name(rest.substr(slash + 1));
  ASSIGN_OR_RETURN(const pb::ServiceDescriptor* service,
                   FindService(std::string(rest.substr(0, slash))));
  const pb::MethodDescriptor* found = service->FindMethodByName(name);
  if (found != nullptr) return found;
  return absl::NotFoundError(absl::StrCat(
      address_, ": service ", service->full_name(), " has no method \"", name,
      "\"", DidYouMean(name, MethodNames(*service))));
}

absl::StatusOr<const pb::ServiceDescriptor*> ReflectedTypes::FindService(
    const std::string& name) {
  const absl::Status fetched = Fetch(name);
  if (absl::IsNotFound(fetched)) {
    return absl::NotFoundError(absl::StrCat(address_, ": no service \"", name,
                                            "\"", DidYouMean(name, services_)));
  }
  RETURN_IF_ERROR(fetched);
  const pb::ServiceDescriptor* service = pool_.FindServiceByName(name);
  if (service != nullptr) return service;
  return absl::InternalError(absl::StrCat(
      address_, ": the descriptors of service ", name, " are of no use",
      complaints_.first().empty() ? "" : ": ", complaints_.first()));
}

absl::Status ReflectedTypes::Fetch(const std::string& symbol) {
  pb::FileDescriptorProto known;
  if (database_.FindFileContainingSymbol(symbol, &known)) {
    return absl::OkStatus();
  }
  wire::ServerReflectionRequest question;
  question.set_file_containing_symbol(symbol);
  ASSIGN_OR_RETURN(const wire::ServerReflectionResponse answer,
                   Ask(question, kTimeout));
  RETURN_IF_ERROR(Add(answer.file_descriptor_response()));
  while (!missing_.empty()) {
    const std::string file = std::move(missing_.back());
    missing_.pop_back();
    if (!files_.contains(file)) RETURN_IF_ERROR(FetchFile(file));
  }
  return absl::OkStatus();
}

absl::Status ReflectedTypes::FetchFile(const std::string& file) {
  wire::ServerReflectionRequest question;
  question.set_file_by_filename(file);
  const auto answer = Ask(question, kTimeout);
  if (answer.ok()) {
    RETURN_IF_ERROR(Add(answer->file_descriptor_response()));
    if (files_.contains(file)) return absl::OkStatus();
  }
  // Some servers leave out what every client knows.
  const pb::FileDescriptor* known =
      pb::DescriptorPool::generated_pool()->FindFileByName(file);
  if (known == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(address_, ": the target does not give ", file,
                     ", which its services import"));
  }
  pb::FileDescriptorProto proto;
  known->CopyTo(&proto);
  AddFile(proto);
  return absl::OkStatus();
}

absl::Status ReflectedTypes::Add(const wire::FileDescriptorResponse& files) {
  for (const std::string& bytes : files.file_descriptor_proto()) {
    bytes_ += bytes.size();
    if (bytes_ > kMostBytes || files_.size() >= kMostFiles) {
      return absl::ResourceExhaustedError(
          absl::StrCat(address_, ": the target's descriptors exceed ",
                       kMostBytes, " bytes or ", kMostFiles, " files"));
    }
    pb::FileDescriptorProto file;
    if (!file.ParseFromString(bytes)) {
      return absl::InternalError(
          absl::StrCat(address_, ": a descriptor cannot be decoded"));
    }
    AddFile(file);
  }
  return absl::OkStatus();
}

void ReflectedTypes::AddFile(const pb::FileDescriptorProto& file) {
  if (!files_.insert(file.name()).second) return;
  database_.Add(file);
  for (const std::string& dependency : file.dependency()) {
    if (!files_.contains(dependency)) missing_.push_back(dependency);
  }
}

absl::StatusOr<wire::ServerReflectionResponse> ReflectedTypes::Ask(
    const wire::ServerReflectionRequest& question, Nanos timeout) {
  Request request;
  request.path = absl::StrCat("/grpc.reflection.", version_,
                              ".ServerReflection/ServerReflectionInfo");
  request.messages = {question.SerializeAsString()};
  request.timeout = timeout;
  request.wants_messages = true;
  ASSIGN_OR_RETURN(const std::vector<std::string> messages,
                   client_->Call(request));
  wire::ServerReflectionResponse answer;
  if (messages.empty() || !answer.ParseFromString(messages.front())) {
    return absl::InternalError(
        absl::StrCat(address_, ": server reflection gave no answer"));
  }
  if (answer.has_error_response()) {
    const wire::ReflectionError& error = answer.error_response();
    return absl::Status(CodeOf(error.error_code()), error.error_message());
  }
  return answer;
}

void ReflectedTypes::Complaints::AddError(const std::string& file,
                                          const std::string& element,
                                          const pb::Message* /*descriptor*/,
                                          ErrorLocation /*location*/,
                                          const std::string& text) {
  if (first_.empty()) first_ = absl::StrCat(file, ": ", element, ": ", text);
}

}  // namespace perfrig::drivers
