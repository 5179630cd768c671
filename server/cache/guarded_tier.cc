#include "server/cache/guarded_tier.h"

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/cache/envelope.h"

namespace perfrig::cache {
namespace {

// Sealing more takes long enough to hold up delays.
constexpr std::size_t kLargeBytes = 64U << 10;

}  // namespace

std::shared_ptr<GuardedTier> GuardedTier::Create(
    const Clock& clock, DelayQueue& delays, SecondTier& tier, Keyring* keyring,
    const GuardedTierOptions& options) {
  return std::shared_ptr<GuardedTier>(
      new GuardedTier(clock, delays, tier, keyring, options));
}

GuardedTier::GuardedTier(const Clock& clock, DelayQueue& delays,
                         SecondTier& tier, Keyring* keyring,
                         const GuardedTierOptions& options)
    : clock_(clock),
      delays_(delays),
      tier_(tier),
      prefix_(options.prefix),
      keyring_(keyring),
      breaker_(clock, options.breaker),
      backpressure_(clock, delays, options.backpressure),
      timeout_(options.timeout) {}

void GuardedTier::Get(std::string key,
                      const PendingPtr<absl::StatusOr<Kept>>& pending) {
  key.insert(0, prefix_);
  auto bytes = MakePending<absl::StatusOr<Value>>(
      [self = shared_from_this(), key, pending](absl::StatusOr<Value> got) {
        pending->Answer(got.ok() ? self->Unwrapped(key, *got) : got.status());
      });
  if (!pending->OnWithdraw([bytes] { bytes->Withdraw(); })) return;
  Run<absl::StatusOr<Value>>(
      [this, key = std::move(key)](Nanos deadline, auto answer) {
        tier_.Get(key, deadline, std::move(answer));
      },
      bytes);
}

void GuardedTier::Put(std::string key, const Value& value, Nanos ttl,
                      const PendingPtr<absl::Status>& pending) {
  key.insert(0, prefix_);
  const absl::Time ends = ttl == kNever
                              ? absl::InfiniteFuture()
                              : clock_.WallTime() + absl::Nanoseconds(ttl);
  // One that is held back costs no encryption, but a large one is sealed here:
  // its turn may come on the thread of the delays.
  Value sealed;
  if (value->size() > kLargeBytes && !IsOpen()) {
    sealed = MakeValue(Wrap(key, *value, ends, keyring_));
  }
  Run<absl::Status>(
      [this, key = std::move(key), value = sealed == nullptr ? value : nullptr,
       sealed, ttl, ends](Nanos deadline, auto answer) {
        tier_.Put(key,
                  sealed != nullptr
                      ? sealed
                      : MakeValue(Wrap(key, *value, ends, keyring_)),
                  ttl, deadline, std::move(answer));
      },
      pending);
}

void GuardedTier::Delete(std::string key,
                         const PendingPtr<absl::Status>& pending) {
  key.insert(0, prefix_);
  Run<absl::Status>(
      [this, key = std::move(key)](Nanos deadline, auto answer) {
        tier_.Delete(key, deadline, std::move(answer));
      },
      pending);
}

GuardedTierStatistics GuardedTier::statistics() const {
  return {.operations = operations_,
          .failures = failures_,
          .timeouts = timeouts_,
          .skipped = skipped_,
          .damaged = damaged_,
          .timeout = timeout_.Now(),
          .breaker = breaker_.statistics(),
          .backpressure = backpressure_.statistics()};
}

template <class T>
void GuardedTier::Run(std::function<void(Nanos, PendingPtr<T>)> start,
                      const PendingPtr<T>& pending) {
  // Asked again when it is its turn; an open one makes nobody wait.
  if (IsOpen()) {
    pending->Answer(Skip());
    return;
  }
  const auto admitted = MakePending<absl::Status>(
      [self = shared_from_this(), start = std::move(start),
       pending](const absl::Status& status) {
        if (status.ok()) return self->Start<T>(start, pending);
        pending->Answer(status);
      });
  if (!pending->OnWithdraw([admitted] { admitted->Withdraw(); })) return;
  backpressure_.Enter(admitted);
}

template <class T>
void GuardedTier::Start(const std::function<void(Nanos, PendingPtr<T>)>& start,
                        const PendingPtr<T>& pending) {
  const std::optional<Breaker::Permit> permit = breaker_.Ask();
  if (!permit.has_value()) {
    backpressure_.Leave();
    pending->Answer(Skip());
    return;
  }
  const Nanos began = clock_.Now();
  const auto answer = MakePending<T>(
      [self = shared_from_this(), permit = *permit, began, pending](T result) {
        absl::Status status;
        if constexpr (std::is_same_v<T, absl::Status>) {
          status = result;
        } else {
          status = result.status();
        }
        status = self->Finish(permit, began, status);
        if (status.ok()) {
          pending->Answer(std::move(result));
        } else {
          pending->Answer(status);
        }
      });
  // Leaving calls the next one back: not here, where locks may be held.
  const auto give_up = [self = shared_from_this(), permit = *permit, answer] {
    self->delays_.Schedule(0, [self, permit, answer] {
      if (!answer->Withdraw()) return;
      self->breaker_.Forget(permit);
      self->backpressure_.Leave();
    });
  };
  if (!pending->OnWithdraw(give_up)) return give_up();
  ++operations_;
  start(began + timeout_.Now(), answer);
}

bool GuardedTier::IsOpen() const {
  return breaker_.statistics().state == BreakerState::kOpen;
}

absl::Status GuardedTier::Skip() {
  ++skipped_;
  return absl::UnavailableError("the second tier's breaker is open");
}

absl::Status GuardedTier::Finish(Breaker::Permit permit, Nanos began,
                                 const absl::Status& status) {
  timeout_.Record(clock_.Now() - began);
  breaker_.Record(permit, status.ok());
  if (!status.ok()) ++failures_;
  if (absl::IsDeadlineExceeded(status)) ++timeouts_;
  backpressure_.Leave();
  if (status.ok()) return status;
  return absl::UnavailableError(
      absl::StrCat("the second tier failed: ", status.message()));
}

absl::StatusOr<GuardedTier::Kept> GuardedTier::Unwrapped(const std::string& key,
                                                         const Value& bytes) {
  if (bytes == nullptr) return Kept();
  absl::StatusOr<Content> content = Unwrap(key, *bytes, keyring_);
  if (!content.ok()) {
    ++damaged_;
    return Kept();
  }
  if (content->ends == absl::InfiniteFuture()) {
    return Kept{.value = MakeValue(std::move(content->value))};
  }
  const absl::Duration left = content->ends - clock_.WallTime();
  if (left <= absl::ZeroDuration()) return Kept();
  return Kept{.value = MakeValue(std::move(content->value)),
              .ttl = absl::ToInt64Nanoseconds(left)};
}

}  // namespace perfrig::cache
