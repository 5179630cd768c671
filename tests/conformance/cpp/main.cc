// The interoperability service on grpc++: prints `port N`, ends when standard
// input does.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "tests/conformance/proto/test.grpc.pb.h"

namespace perfrig {
namespace {

using ::grpc::testing::EchoStatus;
using ::grpc::testing::Empty;
using ::grpc::testing::SimpleRequest;
using ::grpc::testing::SimpleResponse;
using ::grpc::testing::StreamingInputCallRequest;
using ::grpc::testing::StreamingInputCallResponse;
using ::grpc::testing::StreamingOutputCallRequest;
using ::grpc::testing::StreamingOutputCallResponse;

constexpr char kEchoInitial[] = "x-grpc-test-echo-initial";
constexpr char kEchoTrailing[] = "x-grpc-test-echo-trailing-bin";

void EchoMetadata(grpc::ServerContext* context) {
  const auto& sent = context->client_metadata();
  if (auto it = sent.find(kEchoInitial); it != sent.end()) {
    context->AddInitialMetadata(
        kEchoInitial, std::string(it->second.data(), it->second.size()));
  }
  if (auto it = sent.find(kEchoTrailing); it != sent.end()) {
    context->AddTrailingMetadata(
        kEchoTrailing, std::string(it->second.data(), it->second.size()));
  }
}

grpc::Status ToStatus(const EchoStatus& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message()};
}

class TestService final : public grpc::testing::TestService::Service {
 public:
  grpc::Status EmptyCall(grpc::ServerContext* context, const Empty* request,
                         Empty* response) override {
    EchoMetadata(context);
    return grpc::Status::OK;
  }

  grpc::Status UnaryCall(grpc::ServerContext* context,
                         const SimpleRequest* request,
                         SimpleResponse* response) override {
    EchoMetadata(context);
    if (request->response_compressed().value()) {
      context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    }
    if (request->response_status().code() != 0) {
      return ToStatus(request->response_status());
    }
    response->mutable_payload()->mutable_body()->resize(
        request->response_size());
    return grpc::Status::OK;
  }

  grpc::Status StreamingInputCall(
      grpc::ServerContext* context,
      grpc::ServerReader<StreamingInputCallRequest>* reader,
      StreamingInputCallResponse* response) override {
    StreamingInputCallRequest request;
    int sum = 0;
    while (reader->Read(&request)) {
      sum += static_cast<int>(request.payload().body().size());
    }
    response->set_aggregated_payload_size(sum);
    return grpc::Status::OK;
  }

  grpc::Status StreamingOutputCall(
      grpc::ServerContext* context, const StreamingOutputCallRequest* request,
      grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    EchoMetadata(context);
    Respond(*context, *request, *writer);
    return grpc::Status::OK;
  }

  grpc::Status FullDuplexCall(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<StreamingOutputCallResponse,
                               StreamingOutputCallRequest>* stream) override {
    EchoMetadata(context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request)) {
      if (request.response_status().code() != 0) {
        return ToStatus(request.response_status());
      }
      Respond(*context, request, *stream);
    }
    return grpc::Status::OK;
  }

 private:
  template <typename Writer>
  void Respond(const grpc::ServerContext& context,
               const StreamingOutputCallRequest& request, Writer& writer) {
    for (const auto& parameters : request.response_parameters()) {
      const Nanos until =
          clock_.Now() + parameters.interval_us() * kMicrosecond;
      // In slices, so that a cancelled call frees its thread.
      while (!context.IsCancelled() && clock_.Now() < until) {
        clock_.SleepUntil(std::min(until, clock_.Now() + 10 * kMillisecond));
      }
      StreamingOutputCallResponse response;
      response.mutable_payload()->mutable_body()->resize(parameters.size());
      if (!writer.Write(response)) return;
    }
  }

  SystemClock clock_;
};

int Main() {
  TestService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  if (server == nullptr) return EXIT_FAILURE;
  std::printf("port %d\n", port);
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  // Calls may still sleep; nobody waits for them.
  _exit(EXIT_SUCCESS);
}

}  // namespace
}  // namespace perfrig

int main() { return perfrig::Main(); }
