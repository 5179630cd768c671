// Calls with a stream one way.
#ifndef PERFRIG_SERVER_TARGETS_STREAM_CALLS_H_
#define PERFRIG_SERVER_TARGETS_STREAM_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <optional>

#include "absl/status/status.h"
#include "server/targets/call.h"

namespace perfrig::targets {

// A call that reads all messages, works, and answers with one.
template <class Request>
class ReadingCall : public TargetCall<grpc::ServerReadReactor<Request>> {
 public:
  void Start() { this->Enter({.stream = true}); }

 protected:
  using Base = TargetCall<grpc::ServerReadReactor<Request>>;

  ReadingCall(Target& target, grpc::CallbackServerContext* context,
              const DelaySampler* own_delay)
      : Base(target, context), own_delay_(own_delay) {}

 private:
  enum class Stage { kEntering, kReading, kWorking };

  // A message has come; an error ends the call. It may be taken apart.
  virtual absl::Status Take(Request& message) = 0;
  // All have come; before the work.
  virtual absl::Status Complete() { return absl::OkStatus(); }
  // After the work.
  virtual absl::Status Answer() = 0;
  // Payload of a message.
  virtual double PayloadBytes(const Request& message) const = 0;

  void Resume(const absl::Status& status) final {
    if (!status.ok()) return this->End(status);
    if (stage_ == Stage::kWorking) return this->End(Answer());
    if (stage_ == Stage::kEntering) began_ = this->Now();
    stage_ = Stage::kReading;
    this->StartRead(&message_);
  }

  void OnReadDone(bool ok) final {
    if (!ok) {
      // The client may have gone, and not just be done.
      if (this->IsCancelled()) return this->EndBroken();
      const absl::Status complete = Complete();
      if (!complete.ok()) return this->End(complete);
      stage_ = Stage::kWorking;
      return this->station().Work(*this, own_delay_);
    }
    bytes_ += PayloadBytes(message_);
    const absl::Status taken = Take(message_);
    if (!taken.ok()) return this->End(taken);
    if (this->station().TakesDrop(*this)) {
      return this->End(absl::UnavailableError("dropped by a fault"));
    }
    this->station().WaitUntil(
        *this, began_ + Station::TransferTime(*this, bytes_), Phase::kTransfer);
  }

  const DelaySampler* const own_delay_;
  Request message_;
  Stage stage_ = Stage::kEntering;
  Nanos began_ = 0;
  double bytes_ = 0;
};

// A call that works, and answers with any number of messages.
template <class Response>
class WritingCall : public TargetCall<grpc::ServerWriteReactor<Response>> {
 public:
  void Start() { this->Enter({.stream = true}); }

 protected:
  using Base = TargetCall<grpc::ServerWriteReactor<Response>>;

  // When the next message is due, and why not before.
  struct Due {
    // Since the first one was.
    Nanos after = 0;
    Phase phase = Phase::kTransfer;
  };

  WritingCall(Target& target, grpc::CallbackServerContext* context,
              const DelaySampler* own_delay)
      : Base(target, context), own_delay_(own_delay) {}

 private:
  enum class Stage { kEntering, kWorking, kWaiting };

  // After the work.
  virtual absl::Status Begin() { return absl::OkStatus(); }
  // Fills in the next message; nothing: that was the last.
  virtual std::optional<Due> Next(Response& message) = 0;

  void Resume(const absl::Status& status) final {
    if (!status.ok()) return this->End(status);
    switch (stage_) {
      case Stage::kEntering:
        stage_ = Stage::kWorking;
        return this->station().Work(*this, own_delay_);
      case Stage::kWorking: {
        stage_ = Stage::kWaiting;
        began_ = this->Now();
        const absl::Status begun = Begin();
        return begun.ok() ? Prepare() : this->End(begun);
      }
      case Stage::kWaiting:
        return this->StartWrite(&message_);
    }
  }

  void Prepare() {
    const std::optional<Due> due = Next(message_);
    if (!due.has_value()) return this->End(absl::OkStatus());
    this->station().WaitUntil(*this, began_ + due->after, due->phase);
  }

  void OnWriteDone(bool ok) final {
    if (!ok) return this->EndBroken();
    if (this->station().TakesDrop(*this)) {
      return this->End(absl::UnavailableError("dropped by a fault"));
    }
    Prepare();
  }

  const DelaySampler* const own_delay_;
  Response message_;
  Stage stage_ = Stage::kEntering;
  Nanos began_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_STREAM_CALLS_H_
