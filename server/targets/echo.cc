#include "server/targets/echo.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "server/targets/serve.h"

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

using CollectCall = ReadCall<EchoRequest>;
using ExpandCall = WriteCall<EchoResponse>;
using ChatCall = ReadWriteCall<EchoRequest, EchoResponse>;

absl::Status Append(const EchoRequest& message, EchoResponse& response) {
  if (PayloadOf(response) + PayloadOf(message) > kMostBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("payload: all messages together must be at most ",
                     kMostBytes, " bytes"));
  }
  response.mutable_text()->append(message.text());
  response.mutable_payload()->append(message.payload());
  response.set_index(response.index() + 1);
  return absl::OkStatus();
}

bool IsLarge(const EchoRequest& request) {
  return PayloadOf(request) + request.response_bytes() >
         static_cast<double>(kLightBytes);
}

Task<absl::Status> AnswerCall(Target& target, Stay& stay,
                              const EchoRequest& request,
                              EchoResponse& response) {
  CO_RETURN_IF_ERROR(Check(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  if (IsLarge(request)) {
    CO_RETURN_IF_ERROR(co_await target.elsewhere().Go(stay.scope()));
  }
  Fill(request, response);
  co_return absl::OkStatus();
}

Task<absl::Status> AnswerCollect(Target& target, CollectCall& call,
                                 EchoResponse& response) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  const Nanos began = stay.Now();
  double bytes = 0;
  // Of the last message.
  std::uint32_t response_bytes = 0;
  while (true) {
    CO_ASSIGN_OR_RETURN(const bool more, co_await call.Read());
    if (!more) break;
    const EchoRequest& message = call.request();
    CO_RETURN_IF_ERROR(Check(message));
    CO_RETURN_IF_ERROR(stay.Hold(PayloadOf(message)));
    if (IsLarge(message)) {
      CO_RETURN_IF_ERROR(co_await target.elsewhere().Go(stay.scope()));
    }
    CO_RETURN_IF_ERROR(Append(message, response));
    response_bytes = message.response_bytes();
    if (stay.TakesDrop()) co_return Dropped();
    bytes += PayloadOf(message);
    CO_RETURN_IF_ERROR(co_await stay.WaitUntil(
        began + Station::TransferTime(stay, bytes), Phase::kTransfer));
  }
  CO_RETURN_IF_ERROR(call.ReadAll());
  CO_RETURN_IF_ERROR(co_await stay.Work(nullptr));
  if (response_bytes > kLightBytes) {
    CO_RETURN_IF_ERROR(co_await target.elsewhere().Go(stay.scope()));
  }
  if (response_bytes > 0) {
    response.mutable_payload()->assign(response_bytes, 'x');
  }
  co_return co_await BeforeSending(target, stay, response);
}

Task<absl::Status> AnswerExpand(Target& target, ExpandCall& call,
                                const EchoRequest& request) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(Check(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  CO_RETURN_IF_ERROR(co_await stay.Work(nullptr));
  const Nanos began = stay.Now();
  EchoResponse& message = call.response();
  if (IsLarge(request)) {
    CO_RETURN_IF_ERROR(co_await target.elsewhere().Go(stay.scope()));
  }
  Fill(request, message);
  const double bytes = PayloadOf(message);
  const std::uint32_t count = std::max<std::uint32_t>(request.repeat(), 1);
  for (std::uint32_t sent = 0; sent < count; ++sent) {
    const Nanos gap = sent * (request.gap_us() * kMicrosecond);
    const Nanos moved = Station::TransferTime(stay, (sent + 1) * bytes);
    CO_RETURN_IF_ERROR(
        co_await stay.WaitUntil(began + std::max(gap, moved),
                                moved > gap ? Phase::kTransfer : Phase::kGap));
    message.set_index(sent);
    CO_RETURN_IF_ERROR(co_await BeforeSending(target, stay, message));
    CO_RETURN_IF_ERROR(co_await call.Write());
    if (stay.TakesDrop()) co_return Dropped();
  }
  co_return absl::OkStatus();
}

// Reads, works, writes, and again.
Task<absl::Status> AnswerChat(Target& target, ChatCall& call) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  const EchoRequest& request = call.request();
  EchoResponse& response = call.response();
  for (std::uint32_t answered = 0;; ++answered) {
    CO_ASSIGN_OR_RETURN(const bool more, co_await call.Read());
    if (!more) co_return call.ReadAll();
    CO_RETURN_IF_ERROR(Check(request));
    CO_RETURN_IF_ERROR(co_await stay.Transfer(PayloadOf(request)));
    CO_RETURN_IF_ERROR(co_await stay.Work(nullptr));
    if (IsLarge(request)) {
      CO_RETURN_IF_ERROR(co_await target.elsewhere().Go(stay.scope()));
    }
    Fill(request, response);
    response.set_index(answered);
    CO_RETURN_IF_ERROR(co_await call.Write());
    if (stay.TakesDrop()) co_return Dropped();
    CO_RETURN_IF_ERROR(co_await stay.Transfer(PayloadOf(response)));
  }
}

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
  // The calibration target costs as little as can be.
  if (Check(*request).ok() && !IsLarge(*request) &&
      !HasOverride(context->client_metadata()) && station().PassesAtOnce()) {
    Fill(*request, *response);
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return AnswerCall(*this, stay, *request, *response);
  });
}

grpc::ServerReadReactor<EchoRequest>* EchoTarget::Collect(
    grpc::CallbackServerContext* context, EchoResponse* response) {
  return ServeStream<CollectCall>(*this, context, [=, this](CollectCall& call) {
    return AnswerCollect(*this, call, *response);
  });
}

grpc::ServerWriteReactor<EchoResponse>* EchoTarget::Expand(
    grpc::CallbackServerContext* context, const EchoRequest* request) {
  return ServeStream<ExpandCall>(*this, context, [=, this](ExpandCall& call) {
    return AnswerExpand(*this, call, *request);
  });
}

grpc::ServerBidiReactor<EchoRequest, EchoResponse>* EchoTarget::Chat(
    grpc::CallbackServerContext* context) {
  return ServeStream<ChatCall>(*this, context, [this](ChatCall& call) {
    return AnswerChat(*this, call);
  });
}

}  // namespace perfrig::targets
