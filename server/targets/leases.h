// Who has which connection, and until when.
#ifndef PERFRIG_SERVER_TARGETS_LEASES_H_
#define PERFRIG_SERVER_TARGETS_LEASES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "server/targets/connections.h"

namespace perfrig::targets {

// Thread-safe. A lease is named after how often the pool was cleared, its
// connection and how many that one has had since: "0-7-3". So a release that
// comes too late is known for what it is, however much later that is, and
// nothing has to be kept of leases that have ended.
class Leases {
 public:
  struct Counts {
    std::uint64_t expired = 0;
    std::uint64_t double_releases = 0;
    std::uint64_t foreign_releases = 0;
  };

  // As those of Turns.
  Leases(const Clock& clock, DelayQueue& delays)
      : clock_(clock), delays_(delays) {}

  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  // The name of the next lease of `connection`.
  [[nodiscard]] std::string NextOf(std::uint32_t connection) const;
  // A new lease of that name, which ends after `time`. UNAVAILABLE where all
  // were cleared since NextOf.
  absl::Status Add(const std::string& name, HeldConnection connection,
                   std::string holder, Nanos time);
  // For how long it was held. NOT_FOUND, PERMISSION_DENIED or
  // FAILED_PRECONDITION where there is nothing to end.
  absl::StatusOr<Nanos> End(const std::string& name, const std::string& holder);

  // Ends and forgets all.
  void Clear();
  [[nodiscard]] Counts counts() const;

 private:
  struct Lease {
    HeldConnection connection;
    std::string holder;
    Nanos began = 0;
    DelayQueue::Handle timer = 0;
    std::uint32_t serial = 0;
  };
  // Of one connection.
  struct Slot {
    std::uint64_t given = 0;
    std::optional<Lease> lease;
    bool last_expired = false;
  };

  // The caller's to destroy without the lock.
  static Lease TakeOut(Slot& slot);
  std::string NextName(std::uint32_t connection) const PERFRIG_REQUIRES(mutex_);
  absl::StatusOr<Slot*> Find(const std::string& name, const std::string& holder)
      PERFRIG_REQUIRES(mutex_);
  void Expire(std::uint32_t connection, std::uint32_t serial);

  const Clock& clock_;
  DelayQueue& delays_;

  mutable Mutex mutex_;
  std::map<std::uint32_t, Slot> slots_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t clears_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Of all leases, also before a Clear.
  std::uint32_t serials_ PERFRIG_GUARDED_BY(mutex_) = 0;
  Counts counts_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_LEASES_H_
