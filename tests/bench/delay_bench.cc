// How late a mock target answers: Echo with 20 ms at 1,000 calls a second while
// 10,000 others wait 60 s (docs/benchmarks.md). Client and server share this
// process, which only makes it harder.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "common/stats/histogram.h"
#include "common/time/clock.h"
#include "perfrig/target/v1/echo.grpc.pb.h"
#include "server/targets/host.h"

namespace perfrig::targets {
namespace {

namespace api = target::v1;

constexpr int kWaiting = 10'000;
constexpr int kPerSecond = 1'000;
constexpr int kSeconds = 10;

// Deletes itself when it is over.
class Call {
 public:
  static void Start(api::Echo::Stub& stub, const std::string& delay,
                    std::atomic<int>& running) {
    auto* const call = new Call;
    call->context_.AddMetadata("perfrig-delay", delay);
    ++running;
    stub.async()->Call(&call->context_, &call->request_, &call->response_,
                       [call, &running](const grpc::Status&) {
                         delete call;
                         --running;
                       });
  }

 private:
  grpc::ClientContext context_;
  api::EchoRequest request_;
  api::EchoResponse response_;
};

// Whether the figure is within its budget, after printing both.
bool Print(const char* what, Nanos figure, Nanos budget) {
  std::printf("%-36s %8.1f us   budget %6.1f us   %s\n", what,
              static_cast<double>(figure) / kMicrosecond,
              static_cast<double>(budget) / kMicrosecond,
              figure <= budget ? "within" : "OVER");
  return figure <= budget;
}

bool Measure() {
  SystemClock clock;
  HostOptions options;
  options.allow_call_overrides = true;
  Host host(clock, options);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  for (grpc::Service* service : host.services()) {
    builder.RegisterService(service);
  }
  const auto server = builder.BuildAndStart();
  const auto stub = api::Echo::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));

  std::atomic<int> waiting = 0;
  std::atomic<int> running = 0;
  for (int i = 0; i < kWaiting; ++i) Call::Start(*stub, "60s", waiting);
  while (host.Get("echo")->statistics().in_flight() < kWaiting) {
    clock.SleepUntil(clock.Now() + 10 * kMillisecond);
  }
  MakeTimersPrecise();
  const Nanos start = clock.Now();
  for (int i = 0; i < kPerSecond * kSeconds; ++i) {
    clock.SleepUntil(start + i * (kSecond / kPerSecond));
    Call::Start(*stub, "20ms", running);
  }
  while (running > 0) clock.SleepUntil(clock.Now() + kMillisecond);

  const Histogram lateness = Histogram::FromProto(
      host.Get("echo", true)->statistics().lateness().histogram());
  host.Shutdown();
  while (waiting > 0) clock.SleepUntil(clock.Now() + kMillisecond);
  server->Shutdown();
  const bool p50 =
      Print("mock lateness p50", lateness.Quantile(0.5), 100 * kMicrosecond);
  const bool p99 =
      Print("mock lateness p99", lateness.Quantile(0.99), 500 * kMicrosecond);
  std::printf("%llu calls of 20 ms at %d/s, %d waiting 60 s\n",
              static_cast<unsigned long long>(lateness.count()), kPerSecond,
              kWaiting);
  return p50 && p99;
}

}  // namespace
}  // namespace perfrig::targets

int main() { return perfrig::targets::Measure() ? EXIT_SUCCESS : EXIT_FAILURE; }
