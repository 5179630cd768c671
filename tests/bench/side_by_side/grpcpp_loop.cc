// The least that the gRPC library itself needs to make load: one thread, one
// completion queue, nothing recorded. Prints `calls N`.
//
//   grpcpp_loop ADDRESS SECONDS CONNECTIONS IN_FLIGHT PAYLOAD_BYTES
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "perfrig/target/v1/echo.grpc.pb.h"

namespace perfrig {
namespace {

using target::v1::Echo;
using target::v1::EchoRequest;
using target::v1::EchoResponse;

struct Call {
  Echo::Stub* stub = nullptr;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<EchoResponse>> reader;
  EchoResponse response;
  grpc::Status status;
};

class Loop {
 public:
  Loop(const std::string& address, int connections, int in_flight,
       int payload_bytes)
      : calls_(in_flight) {
    request_.set_text(std::string(payload_bytes, 'x'));
    for (int i = 0; i < connections; ++i) {
      grpc::ChannelArguments arguments;
      // A connection of its own for each channel.
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(Echo::NewStub(grpc::CreateCustomChannel(
          address, grpc::InsecureChannelCredentials(), arguments)));
    }
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      calls_[i].stub = stubs_[i % stubs_.size()].get();
    }
  }

  // How many calls succeeded before `until`; -1 if one failed.
  std::int64_t Run(const Clock& clock, Nanos until) {
    for (Call& call : calls_) Start(call);
    std::int64_t done = 0;
    std::size_t open = calls_.size();
    void* tag = nullptr;
    bool ok = false;
    while (open > 0 && queue_.Next(&tag, &ok)) {
      Call& call = *static_cast<Call*>(tag);
      if (!ok || !call.status.ok()) return -1;
      ++done;
      if (clock.Now() < until) {
        Start(call);
      } else {
        --open;
      }
    }
    return done;
  }

 private:
  void Start(Call& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    call.reader = call.stub->AsyncCall(call.context.get(), request_, &queue_);
    call.reader->Finish(&call.response, &call.status, &call);
  }

  EchoRequest request_;
  std::vector<std::unique_ptr<Echo::Stub>> stubs_;
  std::vector<Call> calls_;
  grpc::CompletionQueue queue_;
};

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() != 5) {
    std::fprintf(stderr,
                 "usage: grpcpp_loop ADDRESS SECONDS CONNECTIONS IN_FLIGHT "
                 "PAYLOAD_BYTES\n");
    return 2;
  }
  std::array<int, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = std::atoi(arguments[i + 1].c_str());
  }
  const auto [seconds, connections, in_flight, payload_bytes] = numbers;
  const SystemClock clock;
  Loop loop(arguments[0], connections, in_flight, payload_bytes);
  const std::int64_t calls = loop.Run(clock, clock.Now() + seconds * kSecond);
  if (calls < 0) {
    std::fprintf(stderr, "grpcpp_loop: a call failed\n");
    return 1;
  }
  std::printf("calls %s\n", std::to_string(calls).c_str());
  return 0;
}

}  // namespace
}  // namespace perfrig

int main(int argc, char** argv) {
  return perfrig::Main(std::vector<std::string>(argv + 1, argv + argc));
}
