// Feeds a session of the gRPC driver what a peer might send. Whatever comes,
// each call ends exactly once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "server/drivers/grpc/call.h"
#include "server/drivers/grpc/options.h"
#include "server/drivers/grpc/session.h"

namespace {

using perfrig::Nanos;
using perfrig::drivers::Call;
using perfrig::drivers::CallSink;
using perfrig::drivers::GrpcDriverOptions;
using perfrig::drivers::Request;
using perfrig::drivers::Session;

constexpr int kCalls = 3;
constexpr std::size_t kWriteBytes = 1 << 16;

class Counter final : public CallSink {
 public:
  void OnMessage(Call& call, std::string_view /*message*/,
                 Nanos /*at*/) override {
    if (call.state != Call::State::kOpen) std::abort();
  }
  void OnOpen(Call& /*call*/) override {}
  void OnPaused(Call& /*call*/, Nanos /*due*/) override {}
  void OnReading(Call& call) override { End(call); }
  void OnFinished(Call& call, Nanos /*at*/) override { End(call); }
  void OnReturned(Call& call, Nanos /*at*/) override { End(call); }

  [[nodiscard]] int ended() const { return ended_; }

 private:
  void End(Call& call) {
    if (call.state != Call::State::kOpen || call.response.status() < 0 ||
        call.response.status() > 16) {
      std::abort();
    }
    call.state = Call::State::kFinished;
    ++ended_;
  }

  int ended_ = 0;
};

Request MakeRequest() {
  Request request;
  request.path = "/a.B/C";
  request.messages = {"one", std::string(100'000, 'x')};
  request.wants_messages = true;
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0];
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const GrpcDriverOptions options{.max_message_bytes = 1 << 20};
  const Request request = MakeRequest();
  Request slow = request;
  slow.read_delay = 1;
  Counter counter;
  std::vector<Call> calls(kCalls);
  Session session(counter, "localhost", options);
  std::string out;

  for (Call& call : calls) {
    call.request = &call == &calls[1] ? &slow : &request;
    session.Submit(call, 1);
  }
  bool alive = session.Send(out, kWriteBytes, 1).ok();
  while (alive && !bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    out.clear();
    alive = session.Receive(part, 2).ok();
    Call& reading = calls[1];
    if (reading.state == Call::State::kOpen && reading.reader.busy()) {
      reading.reader.Resume();
      session.ReadOn(reading, 2);
    }
    alive = alive && session.Send(out, kWriteBytes, 2).ok() && !session.over();
  }
  if (calls[0].state == Call::State::kOpen) {
    session.Cancel(calls[0]);
    counter.OnFinished(calls[0], 3);
  }
  session.FailAll("the end", 3);

  if (counter.ended() != kCalls || session.busy()) std::abort();
  return 0;
}
