#include "server/targets/orchestrator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/details.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using target::v1::ChatChunk;
using target::v1::ChatRequest;
using target::v1::ChatResponse;
using target::v1::ExecuteToolRequest;
using target::v1::ExecuteToolResponse;

constexpr std::size_t kLongestName = 128;
constexpr std::uint32_t kToolTokens = 20;
constexpr std::size_t kMostTenants = 10'000;

}  // namespace

// Counts as one until it is destroyed.
class OrchestratorTarget::Chatting {
 public:
  Chatting(OrchestratorTarget& target, const Completion& completion)
      : target_(target) {
    MutexLock lock(target.mutex_);
    others_ = target.counts_.chatting++;
    times_ = target.times_;
    target.counts_.prompt_tokens += completion.prompt_tokens();
  }
  Chatting(const Chatting&) = delete;
  Chatting& operator=(const Chatting&) = delete;
  ~Chatting() {
    MutexLock lock(target_.mutex_);
    --target_.counts_.chatting;
  }

  [[nodiscard]] std::optional<Nanos> FirstToken(
      const Completion& completion) const {
    return times_.FirstToken(completion.prompt_tokens(), others_);
  }
  [[nodiscard]] std::optional<Nanos> Gap() const { return times_.Gap(others_); }
  [[nodiscard]] std::optional<Nanos> Whole(const Completion& completion) const {
    return times_.Whole(completion.prompt_tokens(), completion.tokens(),
                        others_);
  }

  void CountTokens(std::uint32_t tokens) {
    MutexLock lock(target_.mutex_);
    target_.counts_.completion_tokens += tokens;
  }
  void CountToolCalls(const Completion& completion) {
    MutexLock lock(target_.mutex_);
    target_.counts_.tool_calls +=
        static_cast<std::uint64_t>(completion.tool_calls());
  }
  // `status`, having counted what it says.
  absl::Status Ended(absl::Status status) {
    if (status.code() == absl::StatusCode::kCancelled) {
      MutexLock lock(target_.mutex_);
      ++target_.counts_.cancelled;
    }
    return status;
  }

 private:
  OrchestratorTarget& target_;
  std::uint64_t others_ = 0;
  ModelTimes times_;
};

OrchestratorTarget::OrchestratorTarget(const TargetSetup& setup)
    : Target(Kind(), setup), budgets_(kMostTenants) {}

TargetKind OrchestratorTarget::Kind() {
  v1::Behavior behavior;
  behavior.mutable_delay()->mutable_fixed()->set_nanos(100 * kMillisecond);
  auto& options = *behavior.mutable_orchestrator();
  options.set_profile(v1::FIXED);
  options.mutable_tool_delay()->set_nanos(50 * kMillisecond);
  options.set_token_budget(0);
  options.mutable_budget_window()->set_seconds(60);
  return {"orchestrator", "perfrig.target.v1.Orchestrator",
          "A language model: 100 ms a chat, 50 ms a tool", std::move(behavior)};
}

void OrchestratorTarget::Configure(const v1::Behavior& behavior) {
  const v1::OrchestratorOptions& options = behavior.orchestrator();
  MutexLock lock(mutex_);
  times_ = ModelTimes(behavior);
  tool_delay_ = ToNanos(options.tool_delay());
  budget_ = {options.token_budget(), ToNanos(options.budget_window())};
}

void OrchestratorTarget::ClearState() {
  MutexLock lock(mutex_);
  budgets_.Clear();
  tokens_before_ += counts_.tokens();
  counts_ = {.chatting = counts_.chatting};
}

absl::Status OrchestratorTarget::Charge(const std::string& tenant,
                                        std::uint64_t tokens, Nanos now) {
  MutexLock lock(mutex_);
  if (budget_.units == 0) return absl::OkStatus();
  const Nanos wait = budgets_.Take(tenant, budget_, tokens, now);
  if (wait == 0) return absl::OkStatus();
  ++counts_.over_budget;
  if (wait == kNever) {
    return absl::ResourceExhaustedError(
        absl::StrCat("token_budget: this chat takes ", tokens,
                     " tokens, a window has ", budget_.units));
  }
  return WithRetry(
      absl::ResourceExhaustedError(absl::StrCat(
          "token_budget: this chat takes ", tokens, " tokens, tenant \"",
          tenant, "\" has ", budgets_.Left(tenant, budget_, now), " of ",
          budget_.units, " left in this window")),
      wait);
}

Task<absl::Status> OrchestratorTarget::BeforeReading(
    Stay& stay, const ChatRequest& request) {
  if (!IsLong(request)) co_return absl::OkStatus();
  co_return co_await elsewhere().Go(stay.scope());
}

Task<absl::Status> OrchestratorTarget::Answer(Stay& stay,
                                              const ChatRequest& request,
                                              ChatResponse& response) {
  CO_RETURN_IF_ERROR(CheckChat(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter({.transfer_bytes = BytesOf(request)}));
  CO_RETURN_IF_ERROR(co_await BeforeReading(stay, request));
  const Completion completion(request, seed());
  CO_RETURN_IF_ERROR(
      Charge(request.tenant(), completion.total_tokens(), stay.Now()));
  Chatting chatting(*this, completion);
  // With a model, as long as the stream would take.
  const std::optional<Nanos> time = chatting.Whole(completion);
  const DelaySampler whole = DelaySampler::Fixed(time.value_or(0));
  const absl::Status status =
      co_await stay.Work({.work_times = 1,
                          .transfer_bytes = BytesOf(request),
                          .own_delay = &whole,
                          .keeps_own_delay = time.has_value()});
  if (!status.ok()) co_return chatting.Ended(status);
  chatting.CountTokens(completion.tokens());
  chatting.CountToolCalls(completion);
  completion.FillIn(response);
  co_return absl::OkStatus();
}

Task<absl::Status> OrchestratorTarget::Stream(StreamCall& call,
                                              const ChatRequest& request) {
  Stay& stay = call.stay();
  const Nanos arrived = stay.Now();
  CO_RETURN_IF_ERROR(CheckChat(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.transfer_bytes = BytesOf(request), .stream = true}));
  CO_RETURN_IF_ERROR(co_await BeforeReading(stay, request));
  const Completion completion(request, seed());
  CO_RETURN_IF_ERROR(
      Charge(request.tenant(), completion.total_tokens(), stay.Now()));
  Chatting chatting(*this, completion);
  const std::optional<Nanos> first = chatting.FirstToken(completion);
  const std::optional<Nanos> gap = chatting.Gap();
  const double share = gap.has_value() ? 1 : 1.0 / completion.tokens();
  const DelaySampler own = DelaySampler::Fixed(first.value_or(0));
  const Nanos began = stay.Now();
  absl::Status status =
      co_await stay.Work({.work_times = 1,
                          .transfer_bytes = BytesOf(request),
                          .own_delay = &own,
                          .keeps_own_delay = first.has_value(),
                          .share = share,
                          .phase = Phase::kFirstToken});
  if (!status.ok()) co_return chatting.Ended(status);
  const Nanos first_due = std::max(stay.due(), began);
  ChatChunk& chunk = call.response();
  for (std::uint32_t i = 0; i < completion.tokens(); ++i) {
    const Nanos due =
        first_due + i * gap.value_or(stay.drawn() / completion.tokens());
    status = co_await stay.WaitUntil(due, Phase::kGap);
    if (!status.ok()) co_return chatting.Ended(status);
    completion.FillIn(i, chunk);
    *chunk.mutable_due() = ToDuration(due - arrived);
    *chunk.mutable_sent() = ToDuration(stay.Now() - arrived);
    status = co_await call.Write();
    if (!status.ok()) co_return chatting.Ended(status);
    chatting.CountTokens(1);
    if (stay.TakesDrop()) co_return Dropped();
  }
  chatting.CountToolCalls(completion);
  co_return absl::OkStatus();
}

Task<absl::Status> OrchestratorTarget::RunTool(
    Stay& stay, const ExecuteToolRequest& request,
    ExecuteToolResponse& response) {
  CO_RETURN_IF_ERROR(CheckBytes("tenant", request.tenant(), 0, kLongestName));
  CO_RETURN_IF_ERROR(CheckBytes("name", request.name(), 1, kLongestName));
  CO_RETURN_IF_ERROR(CheckBytes("call_id", request.call_id(), 0, kLongestName));
  const auto delay = [this] {
    MutexLock lock(mutex_);
    return DelaySampler::Fixed(tool_delay_);
  }();
  CO_RETURN_IF_ERROR(co_await stay.Enter({.work_times = 1,
                                          .transfer_bytes = BytesOf(request),
                                          .own_delay = &delay,
                                          .keeps_own_delay = true}));
  const std::uint64_t hash =
      HashOf(request.call_id(), HashOf(request.name(), Random::Mix(seed())));
  response.set_call_id(request.call_id());
  response.set_name(request.name());
  response.set_result(TextOfTokens(hash, kToolTokens));
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* OrchestratorTarget::Chat(
    grpc::CallbackServerContext* context, const ChatRequest* request,
    ChatResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Answer(stay, *request, *response);
  });
}

grpc::ServerWriteReactor<ChatChunk>* OrchestratorTarget::ChatStream(
    grpc::CallbackServerContext* context, const ChatRequest* request) {
  return ServeStream<StreamCall>(*this, context, [=, this](StreamCall& call) {
    return Stream(call, *request);
  });
}

grpc::ServerUnaryReactor* OrchestratorTarget::ExecuteTool(
    grpc::CallbackServerContext* context, const ExecuteToolRequest* request,
    ExecuteToolResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return RunTool(stay, *request, *response);
  });
}

void OrchestratorTarget::DescribeState(google::protobuf::Struct& state) {
  MutexLock lock(mutex_);
  const auto tell = [&](const char* name, auto value) {
    Tell(state, name, static_cast<double>(value));
  };
  tell("chatting", counts_.chatting);
  tell("prompt_tokens", counts_.prompt_tokens);
  tell("completion_tokens", counts_.completion_tokens);
  tell("tool_calls", counts_.tool_calls);
  tell("cancelled", counts_.cancelled);
  tell("over_budget", counts_.over_budget);
  tell("tenants", budgets_.size());
  if (budget_.units == 0) return;
  TellLeast(state, "tokens_left",
            budgets_.Left(budget_, station().clock().Now()));
}

void OrchestratorTarget::DescribeOwn(Since since,
                                     v1::TargetStatistics& statistics) {
  MutexLock lock(mutex_);
  statistics.set_tokens(counts_.tokens() +
                        (since == Since::kStart ? tokens_before_ : 0));
}

}  // namespace perfrig::targets
