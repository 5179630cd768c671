#include "server/targets/cache_target.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/checks/ranges.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/behavior/random.h"
#include "server/targets/fields.h"
#include "server/targets/serve.h"

namespace perfrig::targets {
namespace {

using cache::Found;
using cache::PendingPtr;
using cache::Source;
using cache::Value;
using target::v1::CacheCounts;
using target::v1::CacheGetRequest;
using target::v1::CacheGetResponse;
using target::v1::CachePutRequest;
using target::v1::CachePutResponse;
using target::v1::CacheSource;
using target::v1::CacheStatsRequest;
using target::v1::CacheStatsResponse;
using target::v1::GetOrComputeRequest;
using target::v1::GetOrComputeResponse;
using target::v1::InvalidateCacheRequest;
using target::v1::InvalidateCacheResponse;

constexpr std::size_t kLongestKey = 1'024;
constexpr std::size_t kLargestValue = std::size_t{16} << 20;
constexpr std::uint32_t kComputedBytes = 1'024;

absl::Status CheckKey(const std::string& key) {
  return CheckBytes("key", key, 1, kLongestKey);
}

template <class Request>
absl::Status CheckTtl(const Request& request) {
  if (!request.has_ttl()) return absl::OkStatus();
  std::vector<FieldProblem> problems;
  CheckDuration(request.ttl(), {.max = absl::Hours(24), .above_min = true},
                "ttl", problems);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(problems[0].field, ": ", problems[0].message));
}

// 0: not set.
absl::Status CheckComputedBytes(std::uint32_t bytes) {
  if (bytes == 0) return absl::OkStatus();
  std::vector<FieldProblem> problems;
  CheckNumber(bytes, {.min = 1, .max = kLargestValue}, "value_bytes", problems);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(problems[0].field, ": ", problems[0].message));
}

CacheSource ToProto(Source source) {
  switch (source) {
    case Source::kFirstTier:
      return target::v1::FIRST_TIER;
    case Source::kSecondTier:
      return target::v1::SECOND_TIER;
    case Source::kComputed:
      return target::v1::COMPUTED;
    case Source::kNowhere:
      break;
  }
  return target::v1::CACHE_SOURCE_UNSPECIFIED;
}

std::string MakeBytes(std::uint64_t seed, std::string_view key,
                      std::size_t size) {
  Random random = Random::OfCall(seed ^ HashOf("computed"), HashOf(key));
  std::string bytes(size, '\0');
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const std::uint64_t next = random.Next();
    std::memcpy(bytes.data() + at, &next, std::min(sizeof next, size - at));
  }
  return bytes;
}

// A wait for one's turn that was too long is no deadline of the caller's.
absl::Status Told(absl::Status status) {
  if (!absl::IsDeadlineExceeded(status)) return status;
  return absl::ResourceExhaustedError(
      absl::StrCat("l2_concurrency: ", status.message()));
}
absl::StatusOr<Found> Told(absl::StatusOr<Found> found) {
  if (found.ok()) return found;
  return Told(found.status());
}

}  // namespace

CacheTarget::CacheTarget(const TargetSetup& setup,
                         const std::optional<cache::RedisAddress>& redis)
    : Target(Kind(), setup),
      clock_(setup.clock),
      delays_(setup.delays),
      tiers_(
          setup.clock, setup.delays, setup.elsewhere,
          [this](Nanos injected, Nanos lateness) {
            station().CountDelay(injected, lateness);
          },
          redis) {}

TargetKind CacheTarget::Kind() {
  v1::Behavior behavior;
  v1::CacheOptions& options = *behavior.mutable_cache();
  options.set_l1_bytes(64'000'000);
  options.mutable_ttl()->set_seconds(300);
  options.mutable_compute_delay()->set_nanos(20 * kMillisecond);
  options.set_l2(true);
  options.set_l2_back_end(v1::MOCK);
  options.mutable_l2_delay()->set_nanos(2 * kMillisecond);
  options.set_encrypt(false);
  options.set_l2_concurrency(100);
  options.set_adaptive_timeout(true);
  return {"cache", "perfrig.target.v1.Cache",
          "A cache in two tiers: at once from memory, 2 ms from the second "
          "tier, 20 ms to compute",
          std::move(behavior)};
}

void CacheTarget::Configure(const v1::Behavior& behavior) {
  const v1::CacheOptions& options = behavior.cache();
  ttl_ = ToNanos(options.ttl());
  compute_delay_ = ToNanos(options.compute_delay());
  tiers_.Configure(options, seed());
}

void CacheTarget::CheckOptions(const v1::Behavior& behavior,
                               std::vector<FieldProblem>& problems) const {
  if (behavior.cache().l2_back_end() != v1::REAL || tiers_.has_redis()) return;
  problems.push_back(
      {"behavior.cache.l2_back_end",
       "must be MOCK in a daemon that was started without --redis, got REAL"});
}

void CacheTarget::ClearState() {
  tiers_.Clear();
  MutexLock lock(mutex_);
  counts_at_reset_ = counts_;
}

void CacheTarget::Close() { tiers_.Close(); }

template <class T>
Task<T> CacheTarget::Ask(Stay& stay, Question<T> question) {
  // That the cache has failed is an answer as well.
  using Answer = std::optional<T>;
  Answers::Ask<Answer> ask = [&question](Answers::Callback<Answer> callback) {
    const auto pending =
        cache::MakePending<T>([callback = std::move(callback)](T given) {
          callback(Answer(std::move(given)));
        });
    question(pending);
    return [pending] { pending->Withdraw(); };
  };
  CO_ASSIGN_OR_RETURN(Answer answer,
                      co_await answers_.Await(stay.scope(), std::move(ask)));
  co_return Told(*std::move(answer));
}

Task<absl::Status> CacheTarget::Find(Stay& stay, const CacheGetRequest& request,
                                     CacheGetResponse& response) {
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  const CacheTiers::InForce tiers = tiers_.in_force();
  const Nanos began = stay.Now();
  Question<FoundOr> question = [&](const PendingPtr<FoundOr>& pending) {
    tiers.cache->Get(request.key(), pending);
  };
  const FoundOr found = co_await Ask<FoundOr>(stay, std::move(question));
  const bool at_once = found.ok() && found->source == Source::kFirstTier;
  stay.AddPhase(at_once ? Phase::kCache : tiers.beyond, stay.Now() - began);
  if (!found.ok()) co_return found.status();
  if (stay.counts()) Count(found->source, /*computes=*/false);
  if (found->value == nullptr) co_return absl::OkStatus();
  CO_RETURN_IF_ERROR(co_await BeforeCopying(stay, *found->value));
  response.set_found(true);
  response.set_value(*found->value);
  response.set_source(ToProto(found->source));
  co_return absl::OkStatus();
}

Task<absl::Status> CacheTarget::Keep(Stay& stay,
                                     const CachePutRequest& request) {
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(CheckBytes("value", request.value(), 0, kLargestValue));
  CO_RETURN_IF_ERROR(CheckTtl(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  // Before anything more is waited for: what a reset empties stays empty.
  const CacheTiers::InForce tiers = tiers_.in_force();
  CO_RETURN_IF_ERROR(co_await BeforeCopying(stay, request.value()));
  const Nanos began = stay.Now();
  const Nanos ttl = request.has_ttl() ? ToNanos(request.ttl()) : +ttl_;
  Question<absl::Status> question =
      [&](const PendingPtr<absl::Status>& pending) {
        tiers.cache->Put(request.key(), cache::MakeValue(request.value()), ttl,
                         pending);
      };
  absl::Status status = co_await Ask<absl::Status>(stay, std::move(question));
  stay.AddPhase(tiers.beyond, stay.Now() - began);
  co_return status;
}

Task<absl::Status> CacheTarget::FindOrCompute(
    Stay& stay, const GetOrComputeRequest& request,
    GetOrComputeResponse& response) {
  CO_RETURN_IF_ERROR(CheckKey(request.key()));
  CO_RETURN_IF_ERROR(CheckComputedBytes(request.value_bytes()));
  CO_RETURN_IF_ERROR(CheckTtl(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  const CacheTiers::InForce tiers = tiers_.in_force();
  const Nanos began = stay.Now();
  const Nanos ttl = request.has_ttl() ? ToNanos(request.ttl()) : +ttl_;
  const std::size_t bytes =
      request.value_bytes() == 0 ? kComputedBytes : request.value_bytes();
  // When this call's own computation began. Shared with that: it goes on for
  // others who wait when this call has gone.
  const auto computes_from = std::make_shared<std::atomic<Nanos>>(0);
  Question<FoundOr> question = [&](const PendingPtr<FoundOr>& pending) {
    const auto compute =
        [this, key = request.key(), bytes,
         computes_from](const PendingPtr<absl::StatusOr<Value>>& computed) {
          *computes_from = clock_.Now();
          Compute(key, bytes, computed);
        };
    tiers.cache->GetOrCompute(request.key(), ttl, compute, pending);
  };
  const FoundOr found = co_await Ask<FoundOr>(stay, std::move(question));
  // Once: it may still begin, for others.
  const Nanos computing = *computes_from;
  if (found.ok() && stay.counts()) Count(found->source, computing != 0);
  const Nanos ended = stay.Now();
  if (computing != 0) {
    stay.AddPhase(tiers.beyond, computing - began);
    stay.AddPhase(Phase::kWork, ended - computing);
  } else if (!found.ok() || found->source == Source::kSecondTier) {
    stay.AddPhase(tiers.beyond, ended - began);
  } else {
    // Another call's computation is as good as one's own.
    stay.AddPhase(
        found->source == Source::kComputed ? Phase::kWork : Phase::kCache,
        ended - began);
  }
  if (!found.ok()) co_return found.status();
  CO_RETURN_IF_ERROR(co_await BeforeCopying(stay, *found->value));
  response.set_value(*found->value);
  response.set_source(ToProto(found->source));
  response.set_hit(found->source != Source::kComputed);
  co_return absl::OkStatus();
}

Task<absl::Status> CacheTarget::Forget(Stay& stay,
                                       const InvalidateCacheRequest& request) {
  CO_RETURN_IF_ERROR(CheckBytes("key", request.key(), 0, kLongestKey));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  const CacheTiers::InForce tiers = tiers_.in_force();
  if (request.key().empty()) {
    CO_RETURN_IF_ERROR(co_await elsewhere().Go(stay.scope()));
    co_return Timed(stay, Phase::kCache, [&] {
      tiers.cache->Clear();
      return absl::OkStatus();
    });
  }
  const Nanos began = stay.Now();
  Question<absl::Status> question =
      [&](const PendingPtr<absl::Status>& pending) {
        tiers.cache->Invalidate(request.key(), pending);
      };
  absl::Status status = co_await Ask<absl::Status>(stay, std::move(question));
  stay.AddPhase(tiers.beyond, stay.Now() - began);
  co_return status;
}

Task<absl::Status> CacheTarget::BeforeCopying(Stay& stay,
                                              const std::string& value) {
  if (value.size() <= kLightBytes) co_return absl::OkStatus();
  co_return co_await elsewhere().Go(stay.scope());
}

void CacheTarget::Compute(const std::string& key, std::size_t bytes,
                          const PendingPtr<absl::StatusOr<Value>>& computed) {
  const Nanos delay = compute_delay_;
  const Nanos due = clock_.Now() + delay;
  const auto answer = [computed, key, bytes, seed = seed()] {
    computed->Answer(cache::MakeValue(MakeBytes(seed, key, bytes)));
  };
  const DelayQueue::Handle timer = delays_.Schedule(due, [=, this] {
    if (delay > 0) station().CountDelay(delay, clock_.Now() - due);
    if (bytes <= kLightBytes) return answer();
    const absl::Status posted = elsewhere().Post(answer);
    if (!posted.ok()) computed->Answer(posted);
  });
  const auto stop = [this, timer] { delays_.Cancel(timer); };
  // Withdrawn already.
  if (!computed->OnWithdraw(stop)) stop();
}

void CacheTarget::Count(Source source, bool computes) {
  MutexLock lock(mutex_);
  switch (source) {
    case Source::kFirstTier:
      ++counts_.first_tier_hits;
      break;
    case Source::kSecondTier:
      ++counts_.second_tier_hits;
      break;
    case Source::kComputed:
      ++counts_.misses;
      ++(computes ? counts_.computed : counts_.shared);
      break;
    case Source::kNowhere:
      ++counts_.misses;
      break;
  }
}

CacheTarget::Counts CacheTarget::CountsOf(Since since) const {
  MutexLock lock(mutex_);
  Counts counts = counts_;
  if (since == Since::kStart) return counts;
  counts.first_tier_hits -= counts_at_reset_.first_tier_hits;
  counts.second_tier_hits -= counts_at_reset_.second_tier_hits;
  counts.misses -= counts_at_reset_.misses;
  counts.computed -= counts_at_reset_.computed;
  counts.shared -= counts_at_reset_.shared;
  return counts;
}

CacheStatsResponse CacheTarget::Statistics() const {
  CacheStatsResponse statistics = tiers_.Statistics();
  const Counts counts = CountsOf(Since::kReset);
  const std::uint64_t hits = counts.first_tier_hits + counts.second_tier_hits;
  const std::uint64_t all = hits + counts.misses;
  CacheCounts& cache = *statistics.mutable_cache();
  cache.set_hits(hits);
  cache.set_misses(counts.misses);
  cache.set_hit_rate(
      all == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(all));
  statistics.set_first_tier_hits(counts.first_tier_hits);
  statistics.set_second_tier_hits(counts.second_tier_hits);
  statistics.set_computed(counts.computed);
  statistics.set_shared(counts.shared);
  return statistics;
}

void CacheTarget::DescribeState(google::protobuf::Struct& state) {
  tiers_.Describe(state);
  const Counts counts = CountsOf(Since::kReset);
  const auto tell = [&](const char* name, std::uint64_t value) {
    Tell(state, name, static_cast<double>(value));
  };
  tell("cache_hits", counts.first_tier_hits + counts.second_tier_hits);
  tell("cache_misses", counts.misses);
  tell("first_tier_hits", counts.first_tier_hits);
  tell("second_tier_hits", counts.second_tier_hits);
  tell("computed", counts.computed);
  tell("shared", counts.shared);
}

void CacheTarget::DescribeOwn(Since since, v1::TargetStatistics& statistics) {
  const Counts counts = CountsOf(since);
  v1::CacheStatistics& cache = *statistics.mutable_cache();
  cache.set_hits(counts.first_tier_hits + counts.second_tier_hits);
  cache.set_misses(counts.misses);
  cache.set_bytes(tiers_.Statistics().cache().bytes());
}

grpc::ServerUnaryReactor* CacheTarget::Get(grpc::CallbackServerContext* context,
                                           const CacheGetRequest* request,
                                           CacheGetResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Find(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* CacheTarget::Put(grpc::CallbackServerContext* context,
                                           const CachePutRequest* request,
                                           CachePutResponse* response) {
  return ServeUnary(*this, context, *response,
                    [=, this](Stay& stay) { return Keep(stay, *request); });
}

grpc::ServerUnaryReactor* CacheTarget::GetOrCompute(
    grpc::CallbackServerContext* context, const GetOrComputeRequest* request,
    GetOrComputeResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return FindOrCompute(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* CacheTarget::Invalidate(
    grpc::CallbackServerContext* context, const InvalidateCacheRequest* request,
    InvalidateCacheResponse* response) {
  return ServeUnary(*this, context, *response,
                    [=, this](Stay& stay) { return Forget(stay, *request); });
}

grpc::ServerUnaryReactor* CacheTarget::Stats(
    grpc::CallbackServerContext* context, const CacheStatsRequest* /*request*/,
    CacheStatsResponse* response) {
  *response = Statistics();
  return AnswerNow(context);
}

}  // namespace perfrig::targets
