// What the sessions of the Gateway target take: 10,000 open at once, each with
// one message answered (docs/benchmarks.md). Client and server share this
// process, so that the figure is more than the daemon's.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/target/v1/gateway.grpc.pb.h"
#include "server/targets/host.h"

namespace perfrig::targets {
namespace {

namespace api = target::v1;

constexpr int kSessions = 10'000;
constexpr int kBudgetMegabytes = 500;

// Of this process now, in megabytes.
double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Session {
  grpc::ClientContext context;
  std::unique_ptr<
      grpc::ClientReaderWriter<api::SendMessageRequest, api::SessionResponse>>
      stream;
};

bool Measure() {
  SystemClock clock;
  HostOptions options;
  options.defaults["database"].set_capacity(0);
  Host host(clock, options);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  for (grpc::Service* service : host.services()) {
    builder.RegisterService(service);
  }
  const auto server = builder.BuildAndStart();
  const auto stub = api::Gateway::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));

  const double before = ResidentMegabytes();
  const Nanos start = clock.Now();
  api::SendMessageRequest request;
  request.set_tenant("acme");
  request.set_user("ada");
  request.set_text("hello");
  api::SessionResponse event;
  std::vector<std::unique_ptr<Session>> sessions;
  int open = 0;
  for (int i = 0; i < kSessions; ++i) {
    sessions.push_back(std::make_unique<Session>());
    sessions.back()->stream = stub->Session(&sessions.back()->context);
    if (sessions.back()->stream->Read(&event)) ++open;
  }
  const double opened = ResidentMegabytes();
  int answered = 0;
  for (const auto& session : sessions) session->stream->Write(request);
  for (const auto& session : sessions) {
    if (session->stream->Read(&event) && event.has_answer()) ++answered;
  }
  const double grown = ResidentMegabytes() - before;

  std::printf("%-36s %8d      of %d\n", "sessions open", open, kSessions);
  std::printf("%-36s %8d      in %.1f s\n", "messages answered", answered,
              static_cast<double>(clock.Now() - start) / kSecond);
  std::printf("%-36s %8.1f kB\n", "memory for each open session",
              (opened - before) * 1e3 / kSessions);
  const bool within = grown <= kBudgetMegabytes && answered == kSessions;
  std::printf("%-36s %8.1f MB   budget %6d MB   %s\n", "memory for all of them",
              grown, kBudgetMegabytes, within ? "within" : "OVER");
  for (const auto& session : sessions) session->context.TryCancel();
  for (const auto& session : sessions) session->stream->Finish();
  host.Shutdown();
  server->Shutdown();
  return within;
}

}  // namespace
}  // namespace perfrig::targets

int main() { return perfrig::targets::Measure() ? EXIT_SUCCESS : EXIT_FAILURE; }
