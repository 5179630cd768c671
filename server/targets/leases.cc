#include "server/targets/leases.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace perfrig::targets {

std::string Leases::NextOf(std::uint32_t connection) const {
  MutexLock lock(mutex_);
  return NextName(connection);
}

std::string Leases::NextName(std::uint32_t connection) const {
  const auto slot = slots_.find(connection);
  return absl::StrCat(clears_, "-", connection, "-",
                      slot == slots_.end() ? 1 : slot->second.given + 1);
}

absl::Status Leases::Add(const std::string& name, HeldConnection connection,
                         std::string holder, Nanos time) {
  const std::uint32_t number = connection.number();
  const Nanos now = clock_.Now();
  MutexLock lock(mutex_);
  if (name != NextName(number)) {
    return absl::UnavailableError("the target was reset");
  }
  Slot& slot = slots_[number];
  const std::uint32_t serial = ++serials_;
  slot.lease.emplace(
      Lease{std::move(connection), std::move(holder), now, 0, serial});
  slot.lease->timer = delays_.Schedule(
      now + time, [this, number, serial] { Expire(number, serial); });
  ++slot.given;
  return absl::OkStatus();
}

absl::StatusOr<Leases::Slot*> Leases::Find(const std::string& name,
                                           const std::string& holder) {
  const std::vector<std::string> parts = absl::StrSplit(name, '-');
  std::uint64_t clears = 0;
  std::uint32_t number = 0;
  std::uint64_t index = 0;
  const bool is_name =
      parts.size() == 3 && absl::SimpleAtoi(parts[0], &clears) &&
      clears == clears_ && absl::SimpleAtoi(parts[1], &number) &&
      absl::SimpleAtoi(parts[2], &index);
  const auto slot = is_name ? slots_.find(number) : slots_.end();
  if (slot == slots_.end() || index == 0 || index > slot->second.given) {
    ++counts_.foreign_releases;
    return absl::NotFoundError(
        absl::StrCat("lease: this pool has given none named \"", name,
                     "\" since it was reset"));
  }
  const bool last = index == slot->second.given;
  if (last && slot->second.lease.has_value()) {
    if (slot->second.lease->holder == holder) return &slot->second;
    ++counts_.foreign_releases;
    return absl::PermissionDeniedError(
        absl::StrCat("lease: \"", name, "\" is another holder's"));
  }
  ++counts_.double_releases;
  return absl::FailedPreconditionError(absl::StrCat(
      "lease: \"", name, "\" ",
      last && slot->second.last_expired ? "has expired" : "has ended before"));
}

absl::StatusOr<Nanos> Leases::End(const std::string& name,
                                  const std::string& holder) {
  std::optional<Lease> ended;
  {
    MutexLock lock(mutex_);
    const auto slot = Find(name, holder);
    if (!slot.ok()) return slot.status();
    (*slot)->last_expired = false;
    ended.emplace(TakeOut(**slot));
    delays_.Cancel(ended->timer);
  }
  return clock_.Now() - ended->began;
}

void Leases::Expire(std::uint32_t connection, std::uint32_t serial) {
  std::optional<Lease> ended;
  MutexLock lock(mutex_);
  const auto slot = slots_.find(connection);
  if (slot == slots_.end() || !slot->second.lease.has_value() ||
      slot->second.lease->serial != serial) {
    return;
  }
  ++counts_.expired;
  slot->second.last_expired = true;
  ended.emplace(TakeOut(slot->second));
}

Leases::Lease Leases::TakeOut(Slot& slot) {
  Lease lease = std::move(*slot.lease);
  slot.lease.reset();
  return lease;
}

void Leases::Clear() {
  std::map<std::uint32_t, Slot> ended;
  MutexLock lock(mutex_);
  ended.swap(slots_);
  for (const auto& [number, slot] : ended) {
    if (slot.lease.has_value()) delays_.Cancel(slot.lease->timer);
  }
  counts_ = Counts();
  ++clears_;
}

Leases::Counts Leases::counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

}  // namespace perfrig::targets
