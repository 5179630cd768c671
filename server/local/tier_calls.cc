#include "server/local/tier_calls.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/cache/guarded_tier.h"
#include "server/local/answer.h"
#include "server/local/function_with_options.h"
#include "server/local/options.h"

namespace perfrig::local {
namespace {

using cache::GuardedTier;
using drivers::LocalCall;
using drivers::LocalScope;
using drivers::LocalTrailers;

constexpr char kKey[] = "value";

struct Settings {
  std::size_t bytes = 0;
  TierSettings tier;
  std::uint64_t fail_after = 0;
  std::uint64_t fail_calls = 0;
  cache::GuardedTierOptions guard;
  bool shared = false;
};

Settings Read(Options& options) {
  constexpr NumberRange kAny = {.min = 0, .max = 1e9};
  constexpr NumberRange kSome = {.min = 1, .max = 1e6};
  Settings settings;
  settings.bytes = options.Size("bytes", {.min = 0, .max = 16e6}, 10'000);
  settings.tier = ReadTier(options, TierKind::kMemory);
  settings.fail_after = options.Count("fail_after", kAny, 0);
  settings.fail_calls = options.Count("fail_calls", kAny, 0);
  cache::GuardedTierOptions& guard = settings.guard;
  guard.backpressure.max_in_flight =
      options.Count("max_in_flight", kSome, guard.backpressure.max_in_flight);
  guard.backpressure.max_waiting =
      options.Count("max_waiting", kAny, guard.backpressure.max_waiting);
  guard.backpressure.max_wait =
      options.Time("max_wait", guard.backpressure.max_wait);
  guard.timeout.follows = options.Flag("adaptive_timeout", true);
  guard.timeout.floor = options.Time("timeout_floor", guard.timeout.floor);
  guard.breaker.open = options.Time("breaker_open", guard.breaker.open);
  settings.shared = options.Flag("shared", false);
  if (settings.tier.kind == TierKind::kNone) {
    options.Refuse("second_tier", "must be memory or redis, got none");
  }
  return settings;
}

// A guarded tier that holds one value.
struct Guarded {
  std::unique_ptr<OwnTier> own;
  std::unique_ptr<FaultyTier> faulty;
  std::shared_ptr<GuardedTier> tier;
};

absl::StatusOr<std::shared_ptr<Guarded>> MakeGuarded(const LocalParts& parts,
                                                     const Settings& settings) {
  auto guarded = std::make_shared<Guarded>();
  ASSIGN_OR_RETURN(guarded->own, OwnTier::Create(parts, settings.tier));
  // One more: the value is put first.
  guarded->faulty = std::make_unique<FaultyTier>(
      *guarded->own->get(), settings.fail_after + 1, settings.fail_calls);
  cache::GuardedTierOptions options = settings.guard;
  options.prefix = guarded->own->prefix();
  guarded->tier = GuardedTier::Create(parts.clock, parts.delays,
                                      *guarded->faulty, nullptr, options);
  Answer<absl::Status> put;
  guarded->tier->Put(kKey, cache::MakeValue(std::string(settings.bytes, 'v')),
                     kLocalTtl, put.Ask());
  RETURN_IF_ERROR(put.Wait());
  return guarded;
}

class TierCall final : public LocalCall {
 public:
  explicit TierCall(std::shared_ptr<Guarded> guarded)
      : guarded_(std::move(guarded)) {}

  absl::Status Prepare() override {
    before_ = guarded_->tier->statistics();
    return absl::OkStatus();
  }

  absl::Status Run() override {
    guarded_->tier->Get(kKey, kept_.Ask());
    const absl::StatusOr<GuardedTier::Kept> kept = kept_.Wait();
    status_ = kept.status();
    if (kept.ok() && kept->value == nullptr) {
      status_ = absl::FailedPreconditionError("the second tier lost its value");
    }
    return status_;
  }

  void Tell(Nanos took, LocalTrailers& trailers) override {
    const cache::GuardedTierStatistics after = guarded_->tier->statistics();
    const auto milliseconds = [](Nanos time) {
      return static_cast<double>(time) / kMillisecond;
    };
    trailers.Add("took_ms", milliseconds(took));
    trailers.Add("timeout_ms", milliseconds(after.timeout));
    trailers.Add("opened", static_cast<double>(after.breaker.opened));
    if (before_.breaker.state == cache::BreakerState::kHalfOpen &&
        before_.breaker.opened != tried_after_) {
      tried_after_ = before_.breaker.opened;
      ++half_opened_;
    }
    trailers.Add("half_opened", static_cast<double>(half_opened_));
    const double microseconds = static_cast<double>(took) / kMicrosecond;
    if (absl::IsResourceExhausted(status_)) {
      trailers.Add("rejected_us", microseconds);
    } else if (absl::IsDeadlineExceeded(status_)) {
      trailers.Add("expired_us", microseconds);
    } else if (after.skipped > before_.skipped) {
      trailers.Add("refused_us", microseconds);
    }
  }

 private:
  const std::shared_ptr<Guarded> guarded_;
  Answer<absl::StatusOr<GuardedTier::Kept>> kept_;
  cache::GuardedTierStatistics before_;
  // Of the last run.
  absl::Status status_;
  // How often it had opened when a call last met it half open.
  std::uint64_t tried_after_ = 0;
  std::uint64_t half_opened_ = 0;
};

}  // namespace

drivers::LocalFunction TierGet(const LocalParts& parts) {
  return FunctionWithOptions<Settings>(
      Read,
      [parts](const Settings& settings, std::string_view data,
              LocalScope& scope) -> MadeCall {
        const auto make = [&] { return MakeGuarded(parts, settings); };
        ASSIGN_OR_RETURN(
            std::shared_ptr<Guarded> guarded,
            settings.shared
                ? scope.Share<Guarded>(
                      absl::StrCat("second tier ", std::string(data)), make)
                : make());
        return std::make_unique<TierCall>(std::move(guarded));
      });
}

}  // namespace perfrig::local
