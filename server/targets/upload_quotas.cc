#include "server/targets/upload_quotas.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/details.h"

namespace perfrig::targets {
namespace {

absl::Status Exhausted(const std::string& what) {
  return WithQuota(absl::ResourceExhaustedError(what), "targets/ingest", what);
}

}  // namespace

UploadQuotas::Charge::~Charge() {
  MutexLock lock(quotas_.mutex_);
  Subject* const subject = quotas_.Find(*this);
  if (subject == nullptr) return;
  --subject->open;
  if (!kept_) subject->bytes -= bytes_;
  if (subject->open == 0 && subject->uploads == 0) {
    quotas_.subjects_.erase(subject_);
  }
}

absl::Status UploadQuotas::Charge::Take(std::uint64_t bytes) {
  MutexLock lock(quotas_.mutex_);
  Subject* const subject = quotas_.Find(*this);
  if (subject == nullptr) return absl::OkStatus();
  const std::uint64_t quota = quotas_.quota_;
  if (quota != 0 &&
      (subject->bytes > quota || bytes > quota - subject->bytes)) {
    return Exhausted(absl::StrCat("quota_bytes: \"", subject_, "\" may upload ",
                                  quota, " bytes, and has uploaded ",
                                  subject->bytes));
  }
  subject->bytes += bytes;
  bytes_ += bytes;
  return absl::OkStatus();
}

void UploadQuotas::Charge::Keep() {
  MutexLock lock(quotas_.mutex_);
  Subject* const subject = quotas_.Find(*this);
  if (subject == nullptr) return;
  kept_ = true;
  ++subject->uploads;
  ++quotas_.uploads_;
  quotas_.bytes_ += bytes_;
}

void UploadQuotas::SetQuota(std::uint64_t bytes) {
  MutexLock lock(mutex_);
  quota_ = bytes;
}

void UploadQuotas::Clear() {
  MutexLock lock(mutex_);
  ++round_;
  subjects_.clear();
  uploads_ = 0;
  bytes_ = 0;
}

absl::StatusOr<std::unique_ptr<UploadQuotas::Charge>> UploadQuotas::Open(
    const std::string& subject) {
  MutexLock lock(mutex_);
  if (subjects_.size() >= kMostSubjects && !subjects_.contains(subject)) {
    return Exhausted(absl::StrCat("subjects: ", subjects_.size(),
                                  " have uploaded since the last reset, which "
                                  "is the most that are remembered"));
  }
  ++subjects_[subject].open;
  return std::unique_ptr<Charge>(new Charge(*this, subject, round_));
}

Levels UploadQuotas::Left() const {
  Levels levels;
  MutexLock lock(mutex_);
  if (quota_ == 0) return levels;
  for (const auto& [name, subject] : subjects_) {
    const std::uint64_t left =
        subject.bytes < quota_ ? quota_ - subject.bytes : 0;
    levels.emplace_back(name, static_cast<double>(left));
  }
  return levels;
}

UploadQuotas::Counts UploadQuotas::counts() const {
  MutexLock lock(mutex_);
  return {uploads_, bytes_, subjects_.size()};
}

UploadQuotas::Subject* UploadQuotas::Find(const Charge& charge) {
  if (charge.round_ != round_) return nullptr;
  return &subjects_.at(charge.subject_);
}

}  // namespace perfrig::targets
