#include "server/runs/kept_runs.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/details.h"

namespace perfrig::runs {
namespace {

constexpr std::string_view kPrefix = "runs/";

bool IsFinished(const RunRecord& record) {
  return record.run->state() == v1::FINISHED;
}

}  // namespace

void KeptRuns::Add(const Record& record, const std::string& key) {
  const std::string& name = record->run->name();
  records_.emplace(name, record);
  if (!key.empty()) names_by_key_.emplace(key, name);
}

absl::StatusOr<KeptRuns::Record> KeptRuns::Find(std::string_view name) const {
  if (name.empty()) return BadField("name", "must be runs/{run}, got \"\"");
  const std::string full =
      absl::StrCat(name.starts_with(kPrefix) ? "" : "runs/", std::string(name));
  const auto found = records_.find(full);
  if (found == records_.end()) {
    return absl::NotFoundError(
        absl::StrCat("no run ", full, "; perfrig runs lists those kept"));
  }
  return found->second;
}

KeptRuns::Record KeptRuns::FindByKey(const std::string& key) const {
  const auto name = names_by_key_.find(key);
  return name == names_by_key_.end() ? nullptr : records_.at(name->second);
}

std::vector<std::shared_ptr<const v1::Run>> KeptRuns::Page(
    const std::string& token, std::size_t most, bool* more) const {
  std::vector<std::shared_ptr<const v1::Run>> page;
  auto end = token.empty() ? records_.end() : records_.lower_bound(token);
  while (end != records_.begin() && page.size() < most) {
    page.push_back((--end)->second->run);
  }
  *more = end != records_.begin();
  return page;
}

std::vector<std::shared_ptr<const v1::Run>> KeptRuns::Finished(
    std::size_t most) const {
  std::vector<std::shared_ptr<const v1::Run>> finished;
  for (auto it = records_.rbegin();
       it != records_.rend() && finished.size() < most; ++it) {
    if (IsFinished(*it->second)) finished.push_back(it->second->run);
  }
  return finished;
}

std::size_t KeptRuns::CountFinished() const {
  std::size_t count = 0;
  for (const auto& [name, record] : records_) {
    if (IsFinished(*record)) ++count;
  }
  return count;
}

void KeptRuns::ForgetOldest() {
  std::size_t count = 0;
  std::size_t bytes = 0;
  // From the newest on, whose watchers may be some events behind.
  for (auto it = records_.end(); it != records_.begin();) {
    --it;
    if (!IsFinished(*it->second)) continue;
    ++count;
    bytes += it->second->bytes;
    if (count == 1) continue;
    if (count > most_ || bytes > most_bytes_) {
      it = Forget(it);
    } else {
      it->second->log->KeepLast();
    }
  }
}

KeptRuns::Records::iterator KeptRuns::Forget(Records::iterator it) {
  std::erase_if(names_by_key_,
                [&](const auto& entry) { return entry.second == it->first; });
  return records_.erase(it);
}

}  // namespace perfrig::runs
