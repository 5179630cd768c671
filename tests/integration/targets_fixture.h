// Stubs of the Echo, Database and ObjectStore targets.
#ifndef PERFRIG_TESTS_INTEGRATION_TARGETS_FIXTURE_H_
#define PERFRIG_TESTS_INTEGRATION_TARGETS_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/database.grpc.pb.h"
#include "perfrig/target/v1/echo.grpc.pb.h"
#include "perfrig/target/v1/object_store.grpc.pb.h"
#include "server/targets/host.h"
#include "tests/integration/hosted_fixture.h"

namespace perfrig::targets {

class TargetsTest : public HostedTest {
 protected:
  explicit TargetsTest(HostOptions options = Allowing())
      : HostedTest(std::move(options)),
        echo_(api::Echo::NewStub(channel_)),
        database_(api::Database::NewStub(channel_)),
        objects_(api::ObjectStore::NewStub(channel_)) {}

  // A request from its text form.
  template <class Message>
  static Message Parse(const std::string& text) {
    Message message;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
    return message;
  }
  // A unary call of a stub's.
  template <class Stub, class Request, class Response>
  grpc::Status Call(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response& response,
                    absl::Duration deadline = absl::Seconds(30)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(clock_.WallTime() + deadline));
    grpc::Status status = (stub.*method)(&context, request, &response);
    phases_ = TrailerOf(context, "perfrig-phases");
    return status;
  }

  grpc::Status Echo(
      const std::string& text, api::EchoResponse& response,
      const std::map<std::string, std::string>& metadata = {},
      std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    grpc::ClientContext context;
    context.set_deadline(
        absl::ToChronoTime(clock_.WallTime() + absl::FromChrono(deadline)));
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    api::EchoRequest request;
    request.set_text(text);
    return echo_->Call(&context, request, &response);
  }
  grpc::StatusCode EchoCode(
      const std::map<std::string, std::string>& metadata = {}) {
    api::EchoResponse response;
    return Echo("x", response, metadata).error_code();
  }

  grpc::Status Put(const std::string& key, const std::string& content,
                   api::ObjectInfo& info, const std::string& sha256 = "") {
    grpc::ClientContext context;
    const auto writer = objects_->PutObject(&context, &info);
    api::PutObjectRequest part;
    part.mutable_header()->set_key(key);
    part.mutable_header()->set_sha256(sha256);
    bool open = writer->Write(part);
    constexpr std::size_t kChunk = 100'000;
    for (std::size_t at = 0; open && at < content.size(); at += kChunk) {
      part.set_chunk(content.substr(at, kChunk));
      open = writer->Write(part);
    }
    writer->WritesDone();
    return writer->Finish();
  }
  grpc::Status Get(const std::string& key, std::uint64_t offset,
                   std::uint64_t length, std::string& content) {
    grpc::ClientContext context;
    api::GetObjectRequest request;
    request.set_key(key);
    request.set_offset(offset);
    request.set_length(length);
    const auto reader = objects_->GetObject(&context, request);
    api::GetObjectResponse part;
    while (reader->Read(&part)) content += part.chunk();
    return reader->Finish();
  }

  std::unique_ptr<api::Echo::Stub> echo_;
  std::unique_ptr<api::Database::Stub> database_;
  std::unique_ptr<api::ObjectStore::Stub> objects_;
  // Of the last Call.
  std::string phases_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_TESTS_INTEGRATION_TARGETS_FIXTURE_H_
