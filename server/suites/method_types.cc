#include "server/suites/method_types.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"
#include "perfrig/target/v1/cache.pb.h"
#include "perfrig/target/v1/classifier.pb.h"
#include "perfrig/target/v1/config.pb.h"
#include "perfrig/target/v1/connection_pool.pb.h"
#include "perfrig/target/v1/database.pb.h"
#include "perfrig/target/v1/echo.pb.h"
#include "perfrig/target/v1/gateway.pb.h"
#include "perfrig/target/v1/ingest.pb.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "perfrig/target/v1/orchestrator.pb.h"
#include "perfrig/target/v1/template.pb.h"

namespace perfrig::suites {
namespace {

using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Asked of their messages, so that the linker keeps them.
std::vector<const FileDescriptor*> Files() {
  return {
      target::v1::CacheGetRequest::descriptor()->file(),
      target::v1::ClassifyRequest::descriptor()->file(),
      target::v1::ResolveRequest::descriptor()->file(),
      target::v1::Lease::descriptor()->file(),
      target::v1::QueryRequest::descriptor()->file(),
      target::v1::EchoRequest::descriptor()->file(),
      target::v1::SendMessageRequest::descriptor()->file(),
      target::v1::UploadRequest::descriptor()->file(),
      target::v1::ObjectInfo::descriptor()->file(),
      target::v1::ChatRequest::descriptor()->file(),
      target::v1::RenderRequest::descriptor()->file(),
  };
}

std::vector<std::string> AllMethods() {
  std::vector<std::string> names;
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->service_count(); ++i) {
      const ServiceDescriptor& service = *file->service(i);
      for (int j = 0; j < service.method_count(); ++j) {
        names.push_back(
            absl::StrCat(service.full_name(), "/", service.method(j)->name()));
      }
    }
  }
  return names;
}

const ServiceDescriptor* FindService(std::string_view name) {
  for (const FileDescriptor* file : Files()) {
    for (int i = 0; i < file->service_count(); ++i) {
      if (file->service(i)->full_name() == name) return file->service(i);
    }
  }
  return nullptr;
}

// " (did you mean perfrig.target.v1.Echo/Call?)"; also for names that lack the
// package.
std::string Suggestion(std::string_view method) {
  const std::vector<std::string> names = AllMethods();
  const std::string tail = absl::StrCat(".", std::string(method));
  for (const std::string& name : names) {
    if (name.ends_with(tail)) {
      return absl::StrCat(" (did you mean ", name, "?)");
    }
  }
  return DidYouMean(method, names);
}

}  // namespace

absl::StatusOr<const MethodDescriptor*> BuiltInMethodTypes::Find(
    std::string_view method) {
  const std::size_t slash = method.find('/');
  const ServiceDescriptor* service = FindService(method.substr(0, slash));
  if (service != nullptr && slash != std::string_view::npos) {
    const auto* found =
        service->FindMethodByName(std::string(method.substr(slash + 1)));
    if (found != nullptr) return found;
  }
  return absl::NotFoundError(absl::StrCat("the mock targets have no method \"",
                                          std::string(method), "\"",
                                          Suggestion(method)));
}

}  // namespace perfrig::suites
