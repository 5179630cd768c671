#include "server/targets/classifier.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/details.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/behavior/random.h"
#include "server/targets/fields.h"
#include "server/targets/serve.h"

namespace perfrig::targets {
namespace {

using target::v1::ClassifyRequest;
using target::v1::ClassifyResponse;
using target::v1::NarrateRequest;
using target::v1::NarrateResponse;

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestText = 100'000;
constexpr std::size_t kMostTenants = 10'000;
constexpr std::uint32_t kQueueLimit = 1'000;
constexpr std::uint32_t kMostSentences = 20;
constexpr std::uint32_t kSentences = 3;
// Longer than any call lives.
constexpr Nanos kLongestWait = 86'400 * kSecond;

constexpr std::array<const char*, 6> kLabels = {
    "interest", "question", "objection", "price", "closing", "smalltalk"};
constexpr std::array<const char*, 4> kWho = {"The customer", "The seller",
                                             "The team", "The buyer"};
constexpr std::array<const char*, 4> kDoes = {"asks about", "returns to",
                                              "weighs", "agrees on"};
constexpr std::array<const char*, 6> kWhat = {
    "the price.",    "the delivery.",  "the contract.",
    "the schedule.", "the next step.", "an alternative."};

template <std::size_t n>
const char* OneOf(const std::array<const char*, n>& all, Random& random) {
  return all.at(random.Next() % n);
}

void AddPoint(double quantile, Nanos value, v1::Behavior& behavior) {
  auto& point = *behavior.mutable_delay()->mutable_quantiles()->add_points();
  point.set_quantile(quantile);
  *point.mutable_value() = ToDuration(value);
}

}  // namespace

ClassifierTarget::ClassifierTarget(const TargetSetup& setup)
    : Target(Kind(), setup),
      turns_(setup.clock, setup.delays),
      limits_(kMostTenants) {}

TargetKind ClassifierTarget::Kind() {
  v1::Behavior behavior;
  AddPoint(0, 320 * kMillisecond, behavior);
  AddPoint(0.5, 350 * kMillisecond, behavior);
  AddPoint(0.95, 500 * kMillisecond, behavior);
  AddPoint(1, 515 * kMillisecond, behavior);
  auto& options = *behavior.mutable_classifier();
  options.mutable_slow_by();
  options.set_tenant_rate(0);
  options.set_tenant_burst(10);
  options.set_tenant_capacity(0);
  return {"classifier", "perfrig.target.v1.Classifier",
          "An AI provider: 320, 350, 500, 515 ms at 0, 50, 95, 100 %",
          std::move(behavior)};
}

void ClassifierTarget::Configure(const v1::Behavior& behavior) {
  const v1::ClassifierOptions& options = behavior.classifier();
  {
    MutexLock lock(mutex_);
    slow_by_ = ToNanos(options.slow_by());
    rate_ = {options.tenant_rate(),
             static_cast<double>(options.tenant_burst())};
  }
  // The station has nobody wait then, who would do so in order of arrival.
  turns_.SetLimits(
      {.turns = behavior.capacity(),
       .turns_of_key = options.tenant_capacity(),
       .waiting = std::min<std::uint64_t>(
           behavior.has_queue_limit() ? behavior.queue_limit() : kQueueLimit,
           Station::kMostCalls)});
}

void ClassifierTarget::ClearState() {
  MutexLock lock(mutex_);
  limits_.Clear();
  counts_ = Counts();
}

absl::Status ClassifierTarget::Admit(const std::string& tenant, Nanos now) {
  MutexLock lock(mutex_);
  if (rate_.per_second <= 0) return absl::OkStatus();
  const Nanos wait = limits_.Take(tenant, rate_, 1, now);
  if (wait == 0) return absl::OkStatus();
  ++counts_.over_rate;
  return WithRetry(absl::ResourceExhaustedError(absl::StrCat(
                       "tenant_rate: tenant \"", tenant, "\" may make ",
                       rate_.per_second, " calls a second; again in ",
                       absl::FormatDuration(absl::Nanoseconds(wait)))),
                   wait);
}

Task<absl::Status> ClassifierTarget::AskProvider(Stay& stay, double bytes) {
  const Nanos slow_by = [this] {
    MutexLock lock(mutex_);
    return slow_by_;
  }();
  co_return co_await stay.Enter({.work_times = 1,
                                 .transfer_bytes = bytes,
                                 .extra_delay = slow_by,
                                 .phase = Phase::kProvider});
}

template <class Request, class Response>
Task<absl::Status> ClassifierTarget::Ask(Stay& stay, const Request& request,
                                         Response& response) {
  const Nanos arrived = stay.Now();
  CO_RETURN_IF_ERROR(CheckBytes("tenant", request.tenant(), 1, kLongestName));
  CO_RETURN_IF_ERROR(CheckBytes("text", request.text(), 1, kLongestText));
  CO_RETURN_IF_ERROR(Admit(request.tenant(), arrived));
  double most = 0;
  CO_RETURN_IF_ERROR(stay.HoldLargest(BytesOf(request), most));
  Turn turn;
  const absl::Status waited = co_await turns_.Take(
      turn, stay.scope(), request.tenant(), arrived + kLongestWait);
  const Nanos began = stay.Now();
  if (!waited.ok() || turn.waited()) {
    stay.AddPhase(Phase::kQueue, began - arrived);
  }
  if (waited.code() == absl::StatusCode::kResourceExhausted) {
    co_return absl::ResourceExhaustedError(
        absl::StrCat("queue_limit: ", waited.message()));
  }
  CO_RETURN_IF_ERROR(waited);
  const absl::Status status = co_await AskProvider(stay, BytesOf(request));
  if (stay.counts()) {
    MutexLock lock(mutex_);
    ++(status.ok()                                     ? counts_.answered
       : status.code() == absl::StatusCode::kCancelled ? counts_.cancelled
                                                       : counts_.failed);
  }
  response.set_tenant(request.tenant());
  *response.mutable_latency() = ToDuration(stay.Now() - arrived);
  co_return status;
}

Task<absl::Status> ClassifierTarget::Label(Stay& stay,
                                           const ClassifyRequest& request,
                                           ClassifyResponse& response) {
  CO_RETURN_IF_ERROR(co_await Ask(stay, request, response));
  Random random = Random::OfCall(seed(), HashOf(request.text()));
  response.set_label(OneOf(kLabels, random));
  response.set_confidence(0.5 + random.Unit() / 2);
  co_return absl::OkStatus();
}

Task<absl::Status> ClassifierTarget::Recount(Stay& stay,
                                             const NarrateRequest& request,
                                             NarrateResponse& response) {
  if (request.sentences() > kMostSentences) {
    co_return absl::InvalidArgumentError(
        absl::StrCat("sentences: must be 0 to ", kMostSentences, ", got ",
                     request.sentences()));
  }
  CO_RETURN_IF_ERROR(co_await Ask(stay, request, response));
  Random random = Random::OfCall(seed(), HashOf(request.text()));
  const std::uint32_t count =
      request.sentences() > 0 ? request.sentences() : kSentences;
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* const who = OneOf(kWho, random);
    const char* const does = OneOf(kDoes, random);
    absl::StrAppend(response.mutable_narrative(), i == 0 ? "" : " ", who, " ",
                    does, " ", OneOf(kWhat, random));
  }
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* ClassifierTarget::Classify(
    grpc::CallbackServerContext* context, const ClassifyRequest* request,
    ClassifyResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Label(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* ClassifierTarget::Narrate(
    grpc::CallbackServerContext* context, const NarrateRequest* request,
    NarrateResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Recount(stay, *request, *response);
  });
}

void ClassifierTarget::DescribeState(google::protobuf::Struct& state) {
  const Turns::Counts turns = turns_.counts();
  MutexLock lock(mutex_);
  const auto tell = [&](const char* name, auto value) {
    Tell(state, name, static_cast<double>(value));
  };
  tell("in_work", turns.taken);
  tell("waiting", turns.waiting);
  tell("provider_answered", counts_.answered);
  tell("provider_cancelled", counts_.cancelled);
  tell("provider_failed", counts_.failed);
  tell("over_rate", counts_.over_rate);
  tell("tenants", limits_.size());
  if (rate_.per_second <= 0) return;
  TellLeast(state, "calls_left", limits_.Left(rate_, station().clock().Now()));
}

void ClassifierTarget::DescribeOwn(Since /*since*/,
                                   v1::TargetStatistics& statistics) {
  // The station does not know of those that wait for their turn to enter.
  const std::uint64_t waiting = turns_.counts().waiting;
  statistics.set_started(statistics.started() + waiting);
  statistics.set_in_flight(statistics.in_flight() + waiting);
  statistics.set_waiting(statistics.waiting() + waiting);
}

}  // namespace perfrig::targets
