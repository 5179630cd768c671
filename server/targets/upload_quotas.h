// How much the Ingest target has taken from whom.
//
//   ASSIGN_OR_RETURN(const auto charge, quotas.Open("alice"));
//   RETURN_IF_ERROR(charge->Take(chunk.size()));
//   …
//   charge->Keep();
#ifndef PERFRIG_SERVER_TARGETS_UPLOAD_QUOTAS_H_
#define PERFRIG_SERVER_TARGETS_UPLOAD_QUOTAS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "server/targets/behavior/limits.h"

namespace perfrig::targets {

// Thread-safe. Uploads that go on count too, until they are given up. Subjects
// are remembered until Clear, so that nobody gets round a quota: where so many
// are known, a further one is refused.
class UploadQuotas {
 public:
  static constexpr std::size_t kMostSubjects = 10'000;

  struct Counts {
    // Kept.
    std::uint64_t uploads = 0;
    std::uint64_t bytes = 0;
    std::size_t subjects = 0;
  };

  // What one upload takes; gives it back unless it is kept.
  class Charge {
   public:
    ~Charge();

    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;

    // RESOURCE_EXHAUSTED where the quota does not suffice.
    absl::Status Take(std::uint64_t bytes);
    // Once.
    void Keep();

   private:
    friend class UploadQuotas;

    Charge(UploadQuotas& quotas, std::string subject, std::uint64_t round)
        : quotas_(quotas), subject_(std::move(subject)), round_(round) {}

    UploadQuotas& quotas_;
    const std::string subject_;
    // Since the Clear of that number; after the next it counts no more.
    const std::uint64_t round_;
    std::uint64_t bytes_ = 0;
    bool kept_ = false;
  };

  // 0: no limit.
  void SetQuota(std::uint64_t bytes);
  void Clear();

  // RESOURCE_EXHAUSTED where too many subjects are known. This outlives the
  // charge.
  absl::StatusOr<std::unique_ptr<Charge>> Open(const std::string& subject);

  [[nodiscard]] Counts counts() const;
  // What each subject could still upload; none without a quota.
  [[nodiscard]] Levels Left() const;

 private:
  struct Subject {
    std::uint64_t bytes = 0;
    std::uint64_t uploads = 0;
    std::uint32_t open = 0;
  };

  // Null where it was cleared.
  Subject* Find(const Charge& charge) PERFRIG_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::uint64_t quota_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::uint64_t round_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Subject> subjects_ PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t uploads_ PERFRIG_GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_UPLOAD_QUOTAS_H_
