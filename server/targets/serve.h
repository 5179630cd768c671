// Calls of gRPC's whose answers are scripts.
//
//   return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
//     return AnswerQuery(stay, *request, *response);  // a Task<absl::Status>
//   });
#ifndef PERFRIG_SERVER_TARGETS_SERVE_H_
#define PERFRIG_SERVER_TARGETS_SERVE_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rpc/status.h"
#include "server/targets/overrides.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// CANCELLED, or DEADLINE_EXCEEDED where that is why `context` was cancelled.
absl::Status WhyCancelled(const grpc::CallbackServerContext& context,
                          const Clock& clock);
// "perfrig-phases", where there are some, and "grpc-retry-pushback-ms", where
// `status` says when to try again: gRPC's own retries heed that one.
void AddTrailers(grpc::CallbackServerContext& context, const PhaseTimes& phases,
                 const absl::Status& status);

// Whose reader has gone.
absl::Status Gone();
// By a fault, after the first message.
absl::Status Dropped();
// What a request takes of the bandwidth.
double BytesOf(const google::protobuf::Message& message);
// Where `message` is a large one, goes on elsewhere: to send it is to serialize
// it.
Task<absl::Status> BeforeSending(Target& target, Stay& stay,
                                 const google::protobuf::Message& message);
// Waits for as long as `response`, the last message, takes at the bandwidth.
Task<absl::Status> Send(Target& target, Stay& stay,
                        const google::protobuf::Message& response);

// A reactor of gRPC's that runs one script as a visit to its target; deletes
// itself.
template <class Reactor>
class ServedCall : public Reactor {
 public:
  void OnCancel() final { scope_.Cancel(); }
  void OnDone() final { delete this; }

  [[nodiscard]] Stay& stay() { return stay_; }
  [[nodiscard]] grpc::CallbackServerContext& context() { return context_; }
  // After the last message was read: whether the client is done, or has gone.
  [[nodiscard]] absl::Status ReadAll() const {
    return context_.IsCancelled() ? Gone() : absl::OkStatus();
  }

 protected:
  ServedCall(Target& target, grpc::CallbackServerContext* context)
      : target_(target), context_(*context), stay_(scope_, target.station()) {}

  // `script` makes the task; not called where the metadata is refused.
  template <class Script>
  void Run(Script script) {
    const auto override = ReadOverride(context_.client_metadata(),
                                       target_.allows_call_overrides());
    if (!override.ok()) return End(override.status());
    if (const auto& own = *override; own.has_value()) stay_.Override(*own);
    Launch(script(), [this](absl::Status status) { End(std::move(status)); });
  }

 private:
  // Nothing of this may be touched afterwards.
  void End(absl::Status status) {
    if (status.code() == absl::StatusCode::kCancelled &&
        context_.IsCancelled()) {
      status = WhyCancelled(context_, stay_.station().clock());
    }
    stay_.Leave(status.code());
    AddTrailers(context_, stay_.phases(), status);
    this->Finish(ToGrpc(status));
  }

  Target& target_;
  grpc::CallbackServerContext& context_;
  Scope scope_;
  Stay stay_;
};

// A write that a script awaits. Where the wait is ended before it is done, the
// call is cancelled: its last status would have to wait for a client that does
// not read.
class Transmission {
 public:
  class Writing final : public Wait {
   public:
    [[nodiscard]] bool await_ready() const noexcept { return !refusal_.ok(); }
    absl::Status await_resume() {
      if (!refusal_.ok()) return std::move(refusal_);
      if (transmission_.state_ == kGivenUp) context_.TryCancel();
      return Wait::await_resume();
    }

   private:
    friend class Transmission;

    Writing(Transmission& transmission, Scope& scope,
            const grpc::CallbackServerContext& context, absl::Status refusal,
            std::function<void()> start)
        : Wait(scope),
          transmission_(transmission),
          context_(context),
          refusal_(std::move(refusal)),
          start_(std::move(start)) {}

    void Begin() override {
      if (!transmission_.Moves(kIdle, kWriting)) {
        return Complete(absl::CancelledError("cancelled"));
      }
      transmission_.writing_ = this;
      start_();
    }
    bool Cancel() override {
      return !transmission_.Moves(kIdle, kWritten) &&
             transmission_.Moves(kWriting, kGivenUp);
    }

    Transmission& transmission_;
    const grpc::CallbackServerContext& context_;
    absl::Status refusal_;
    const std::function<void()> start_;
  };

  // Awaited at once; `start` leads to one Complete. An error: Gone, why the
  // wait has ended, or that the visit may not hold `message`.
  Writing Await(Stay& stay, const grpc::CallbackServerContext& context,
                const google::protobuf::Message& message,
                std::function<void()> start) {
    state_ = kIdle;
    return {*this, stay.scope(), context,
            stay.HoldLargest(BytesOf(message), most_), std::move(start)};
  }

  void Complete(bool ok) {
    // Else nobody waits for it any more.
    if (!Moves(kWriting, kWritten)) return;
    writing_->Complete(ok ? absl::OkStatus() : Gone());
  }

 private:
  enum State : std::uint8_t { kIdle, kWriting, kGivenUp, kWritten };

  bool Moves(State from, State to) {
    return state_.compare_exchange_strong(from, to);
  }

  std::atomic<State> state_ = kIdle;
  Writing* writing_ = nullptr;
  // Bytes of the largest message.
  double most_ = 0;
};

// A call that writes a stream.
template <class Response>
class WriteCall : public ServedCall<grpc::ServerWriteReactor<Response>> {
 public:
  // Not while it is being written.
  [[nodiscard]] Response& response() { return response_; }
  // Sends response().
  auto Write() {
    return writing_.Await(this->stay(), this->context(), response_,
                          [this] { this->StartWrite(&response_); });
  }

 protected:
  using ServedCall<grpc::ServerWriteReactor<Response>>::ServedCall;

 private:
  void OnWriteDone(bool ok) final { writing_.Complete(ok); }

  // What goes lies in the call, since a write may outlast the script.
  Response response_;
  Transmission writing_;
};

// A read or write that is awaited together with a time. Where the time comes
// first, it goes on, and the next Until awaits the same one.
class TimedTransmission {
 public:
  enum class Outcome : std::uint8_t {
    kDone,
    // Nothing more to read, or nobody to write to.
    kOver,
    kLate,
  };

  // `start` leads to one Complete; `message`, which outlives the task, is what
  // comes or goes. An error: the visit ends.
  template <class Start>
  Task<absl::StatusOr<Outcome>> Until(Stay& stay, Nanos due,
                                      const google::protobuf::Message& message,
                                      Start start) {
    if (!begun_) {
      begun_ = true;
      start();
    }
    while (!complete_) {
      if (stay.Now() >= due) co_return Outcome::kLate;
      CO_RETURN_IF_ERROR(co_await stay.WaitUntilWoken(due, Phase::kGap));
    }
    begun_ = false;
    complete_ = false;
    if (!ok_) co_return Outcome::kOver;
    CO_RETURN_IF_ERROR(stay.HoldLargest(BytesOf(message), most_));
    co_return Outcome::kDone;
  }

  // For as long as the visit lasts. False: nothing more to read.
  template <class Start>
  Task<absl::StatusOr<bool>> Forever(Stay& stay,
                                     const google::protobuf::Message& message,
                                     Start start) {
    CO_ASSIGN_OR_RETURN(
        const Outcome outcome,
        co_await Until(stay, kNever, message, std::move(start)));
    co_return outcome == Outcome::kDone;
  }

  void Complete(Stay& stay, bool ok) {
    ok_ = ok;
    complete_ = true;
    stay.Wake();
  }

 private:
  // Of the script.
  bool begun_ = false;
  bool ok_ = false;
  // Bytes of the largest message.
  double most_ = 0;
  std::atomic<bool> complete_ = false;
};

// A call that reads a stream.
template <class Request>
class ReadCall : public ServedCall<grpc::ServerReadReactor<Request>> {
 public:
  // Whether there is a next message, which is then in request().
  Task<absl::StatusOr<bool>> Read() {
    return reading_.Forever(this->stay(), request_,
                            [this] { this->StartRead(&request_); });
  }
  [[nodiscard]] const Request& request() const { return request_; }

 protected:
  using ServedCall<grpc::ServerReadReactor<Request>>::ServedCall;

 private:
  void OnReadDone(bool ok) final { reading_.Complete(this->stay(), ok); }

  // What comes lies in the call, since a read may outlast the script.
  Request request_;
  TimedTransmission reading_;
};

// A call that does both.
template <class Request, class Response>
class ReadWriteCall
    : public ServedCall<grpc::ServerBidiReactor<Request, Response>> {
 public:
  // As ReadCall's.
  Task<absl::StatusOr<bool>> Read() {
    return reading_.Forever(this->stay(), request_,
                            [this] { this->StartRead(&request_); });
  }
  [[nodiscard]] const Request& request() const { return request_; }
  // As WriteCall's.
  [[nodiscard]] Response& response() { return response_; }
  auto Write() {
    return writing_.Await(this->stay(), this->context(), response_,
                          [this] { this->StartWrite(&response_); });
  }

 protected:
  using ServedCall<grpc::ServerBidiReactor<Request, Response>>::ServedCall;

 private:
  void OnReadDone(bool ok) final { reading_.Complete(this->stay(), ok); }
  void OnWriteDone(bool ok) final { writing_.Complete(ok); }

  Request request_;
  Response response_;
  TimedTransmission reading_;
  Transmission writing_;
};

// A call that reads and writes and waits for neither for longer than it likes.
// What comes and goes lies in the call, since a read or write may outlast the
// script.
template <class Request, class Response>
class SessionCall
    : public ServedCall<grpc::ServerBidiReactor<Request, Response>> {
 public:
  [[nodiscard]] const Request& request() const { return request_; }
  // Not while it is being written.
  [[nodiscard]] Response& response() { return response_; }

  // Fills in request().
  auto ReadUntil(Nanos due) {
    return reading_.Until(this->stay(), due, request_,
                          [this] { this->StartRead(&request_); });
  }
  // Sends response().
  auto WriteUntil(Nanos due) {
    return writing_.Until(this->stay(), due, response_,
                          [this] { this->StartWrite(&response_); });
  }

 protected:
  using ServedCall<grpc::ServerBidiReactor<Request, Response>>::ServedCall;

 private:
  void OnReadDone(bool ok) final { reading_.Complete(this->stay(), ok); }
  void OnWriteDone(bool ok) final { writing_.Complete(this->stay(), ok); }

  Request request_;
  Response response_;
  TimedTransmission reading_;
  TimedTransmission writing_;
};

namespace internal {

// `Call` as a class that can be made, which runs what it is made with.
template <class Call, class Script>
class ScriptedCall final : public Call {
 public:
  ScriptedCall(Target& target, grpc::CallbackServerContext* context,
               Script script)
      : Call(target, context), script_(std::move(script)) {}

  void Start() {
    this->Run([this] { return script_(static_cast<Call&>(*this)); });
  }

 private:
  // Until the call ends: tasks refer to what it holds.
  Script script_;
};

// Then `response` goes out.
Task<absl::Status> AndSend(Target& target, Stay& stay,
                           Task<absl::Status> script,
                           const google::protobuf::Message& response);

}  // namespace internal

// `script`, a function from `Call&` to a Task<absl::Status>, answers a stream;
// Call is one of ReadCall, WriteCall, ReadWriteCall, SessionCall.
template <class Call, class Script>
Call* ServeStream(Target& target, grpc::CallbackServerContext* context,
                  Script script) {
  auto* const call = new internal::ScriptedCall<Call, Script>(
      target, context, std::move(script));
  call->Start();
  return call;
}

// `script`, a function from `Stay&` to a Task<absl::Status>, fills `response`,
// which then goes out at the bandwidth.
template <class Response, class Script>
grpc::ServerUnaryReactor* ServeUnary(Target& target,
                                     grpc::CallbackServerContext* context,
                                     const Response& response, Script script) {
  using Call = ServedCall<grpc::ServerUnaryReactor>;
  return ServeStream<Call>(
      target, context,
      [script = std::move(script), &target, &response](Call& call) {
        return internal::AndSend(target, call.stay(), script(call.stay()),
                                 response);
      });
}

// The response is there: a look at the target itself, which no behavior delays
// and no statistics count.
grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SERVE_H_
