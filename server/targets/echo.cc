#include "server/targets/echo.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/targets/stream_calls.h"
#include "server/targets/unary_call.h"

namespace perfrig::targets {
namespace {

using target::v1::EchoRequest;
using target::v1::EchoResponse;

constexpr std::uint32_t kMostBytes = 64U << 20;
constexpr std::uint32_t kMostAnswers = 1'000'000;
constexpr std::uint32_t kLongestGapUs = 60'000'000;

absl::Status OutOfRange(const char* field, std::uint32_t most,
                        std::uint32_t got) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": must be 0 to ", most, ", got ", got));
}

absl::Status Check(const EchoRequest& request) {
  if (request.response_bytes() > kMostBytes) {
    return OutOfRange("response_bytes", kMostBytes, request.response_bytes());
  }
  if (request.repeat() > kMostAnswers) {
    return OutOfRange("repeat", kMostAnswers, request.repeat());
  }
  if (request.gap_us() > kLongestGapUs) {
    return OutOfRange("gap_us", kLongestGapUs, request.gap_us());
  }
  return absl::OkStatus();
}

void Fill(const EchoRequest& request, EchoResponse& response) {
  response.set_text(request.text());
  if (request.response_bytes() > 0) {
    response.mutable_payload()->assign(request.response_bytes(), 'x');
  } else {
    response.set_payload(request.payload());
  }
}

double PayloadOf(const EchoRequest& request) {
  return static_cast<double>(request.text().size() + request.payload().size());
}
double PayloadOf(const EchoResponse& response) {
  return static_cast<double>(response.text().size() +
                             response.payload().size());
}

class CollectCall final : public ReadingCall<EchoRequest> {
 public:
  CollectCall(Target& target, grpc::CallbackServerContext* context,
              EchoResponse& response)
      : ReadingCall(target, context, nullptr), response_(response) {}

 private:
  absl::Status Take(EchoRequest& message) override {
    absl::Status checked = Check(message);
    if (!checked.ok()) return checked;
    response_bytes_ = message.response_bytes();
    if (PayloadOf(response_) + PayloadOf(message) > kMostBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("payload: all messages together must be at most ",
                       kMostBytes, " bytes"));
    }
    response_.mutable_text()->append(message.text());
    response_.mutable_payload()->append(message.payload());
    response_.set_index(response_.index() + 1);
    return absl::OkStatus();
  }
  absl::Status Answer() override {
    if (response_bytes_ > 0) {
      response_.mutable_payload()->assign(response_bytes_, 'x');
    }
    return absl::OkStatus();
  }
  double PayloadBytes(const EchoRequest& message) const override {
    return PayloadOf(message);
  }

  EchoResponse& response_;
  // Of the last message.
  std::uint32_t response_bytes_ = 0;
};

class ExpandCall final : public WritingCall<EchoResponse> {
 public:
  ExpandCall(Target& target, grpc::CallbackServerContext* context,
             const EchoRequest& request)
      : WritingCall(target, context, nullptr), request_(request) {}

 private:
  absl::Status Begin() override {
    Fill(request_, filled_);
    return absl::OkStatus();
  }
  std::optional<Due> Next(EchoResponse& message) override {
    if (sent_ >= std::max<std::uint32_t>(request_.repeat(), 1)) {
      return std::nullopt;
    }
    if (sent_ == 0) message.Swap(&filled_);
    message.set_index(sent_);
    const Nanos gap = sent_ * (request_.gap_us() * kMicrosecond);
    ++sent_;
    const Nanos moved =
        Station::TransferTime(*this, sent_ * PayloadOf(message));
    if (moved > gap) return Due{moved, Phase::kTransfer};
    return Due{gap, Phase::kGap};
  }

  const EchoRequest& request_;
  EchoResponse filled_;
  std::uint32_t sent_ = 0;
};

// Reads, works, writes, and again.
class ChatCall final
    : public TargetCall<grpc::ServerBidiReactor<EchoRequest, EchoResponse>> {
 public:
  ChatCall(Target& target, grpc::CallbackServerContext* context)
      : TargetCall(target, context) {}

  void Start() { Enter({.stream = true}); }

 private:
  enum class Stage { kReading, kTransfer, kWorking };

  void Resume(const absl::Status& status) override {
    if (!status.ok()) return End(status);
    switch (stage_) {
      case Stage::kReading:
        return StartRead(&request_);
      case Stage::kTransfer:
        stage_ = Stage::kWorking;
        return station().Work(*this, nullptr);
      case Stage::kWorking:
        Fill(request_, response_);
        response_.set_index(answered_++);
        return StartWrite(&response_);
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) return IsCancelled() ? EndBroken() : End(absl::OkStatus());
    const absl::Status checked = Check(request_);
    if (!checked.ok()) return End(checked);
    stage_ = Stage::kTransfer;
    WaitForBytes(PayloadOf(request_));
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return EndBroken();
    if (station().TakesDrop(*this)) {
      return End(absl::UnavailableError("dropped by a fault"));
    }
    stage_ = Stage::kReading;
    WaitForBytes(PayloadOf(response_));
  }

  void WaitForBytes(double bytes) {
    station().WaitUntil(*this, Now() + Station::TransferTime(*this, bytes),
                        Phase::kTransfer);
  }

  EchoRequest request_;
  EchoResponse response_;
  Stage stage_ = Stage::kReading;
  std::uint32_t answered_ = 0;
};

}  // namespace

EchoTarget::EchoTarget(const TargetSetup& setup) : Target(Kind(), setup) {}

TargetKind EchoTarget::Kind() {
  return {"echo",
          "perfrig.target.v1.Echo",
          "Answers what it is sent, without delay",
          {}};
}

grpc::ServerUnaryReactor* EchoTarget::Call(grpc::CallbackServerContext* context,
                                           const EchoRequest* request,
                                           EchoResponse* response) {
  const absl::Status checked = Check(*request);
  if (!checked.ok()) return RefuseUnary(*this, context, checked);
  if (!HasOverride(context->client_metadata()) && station().PassesAtOnce()) {
    Fill(*request, *response);
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  return ServeUnary(*this, context, *request, *response, {},
                    [request, response] {
                      Fill(*request, *response);
                      return absl::OkStatus();
                    });
}

grpc::ServerReadReactor<EchoRequest>* EchoTarget::Collect(
    grpc::CallbackServerContext* context, EchoResponse* response) {
  auto* const call = new CollectCall(*this, context, *response);
  call->Start();
  return call;
}

grpc::ServerWriteReactor<EchoResponse>* EchoTarget::Expand(
    grpc::CallbackServerContext* context, const EchoRequest* request) {
  auto* const call = new ExpandCall(*this, context, *request);
  const absl::Status checked = Check(*request);
  if (checked.ok()) {
    call->Start();
  } else {
    call->EndRefused(checked);
  }
  return call;
}

grpc::ServerBidiReactor<EchoRequest, EchoResponse>* EchoTarget::Chat(
    grpc::CallbackServerContext* context) {
  auto* const call = new ChatCall(*this, context);
  call->Start();
  return call;
}

}  // namespace perfrig::targets
