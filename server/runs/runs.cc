#include "server/runs/runs.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/details.h"
#include "common/status/macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "server/runs/brief.h"
#include "server/runs/plan.h"
#include "server/runs/run_events.h"
#include "server/runs/run_record.h"
#include "server/runs/selection.h"
#include "server/runs/test_runner.h"

namespace perfrig::runs {

namespace {

constexpr std::size_t kMostLabels = 64;
constexpr std::size_t kLongestLabel = 1'024;
constexpr std::size_t kLongestKey = 128;
constexpr std::uint32_t kMostPerPage = 1'000;
constexpr std::uint32_t kDefaultPerPage = 50;

absl::Status CheckRequest(const v1::StartRunRequest& request) {
  if (request.labels().size() > kMostLabels) {
    return BadField("labels", absl::StrCat("must be at most ", kMostLabels,
                                           ", got ", request.labels().size()));
  }
  for (const auto& [name, value] : request.labels()) {
    if (name.empty() || name.size() + value.size() > kLongestLabel) {
      return BadField(
          absl::StrCat("labels.", name),
          absl::StrCat("must have a name, and with its value at most ",
                       kLongestLabel, " bytes, got ",
                       name.size() + value.size()));
    }
  }
  if (request.idempotency_key().size() > kLongestKey) {
    return BadField(
        "idempotency_key",
        absl::StrCat("must be at most ", kLongestKey, " bytes, got ",
                     request.idempotency_key().size()));
  }
  return absl::OkStatus();
}

// The same for requests that say the same, in this process.
std::size_t FingerprintOf(const v1::StartRunRequest& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Maps in one order.
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return std::hash<std::string>()(bytes);
}

// While a run is at work its snapshots know best how far it is.
void AddProgress(const v1::Snapshot* snapshot, v1::Run& run) {
  if (snapshot == nullptr || run.state() != v1::RUNNING) return;
  run.set_progress(snapshot->progress());
  *run.mutable_remaining() = snapshot->remaining();
}

}  // namespace

Runs::Runs(Clock& clock, suites::Catalog& catalog, TargetAccess& access,
           load::GeneratorOptions generator, Limits limits, std::string version,
           OnQueued on_queued)
    : clock_(clock),
      catalog_(catalog),
      access_(access),
      limits_(limits),
      version_(std::move(version)),
      on_queued_(std::move(on_queued)),
      generator_(clock, generator),
      kept_(limits.kept, limits.kept_bytes),
      thread_([this] { WorkQueue(); }),
      housekeeper_([this] { KeepHouse(); }) {}

Runs::~Runs() {
  Drain(clock_.Now());
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
  housekeeper_.join();
}

absl::StatusOr<std::vector<SelectedSuite>> Runs::Choose(
    const v1::StartRunRequest& request) const {
  ASSIGN_OR_RETURN(std::vector<SelectedSuite> selected,
                   Select(request, catalog_));
  for (const std::string& target : TargetsOf(selected)) {
    const absl::Status reachable = access_.Resolve(target, {}).status();
    // Names that do not resolve now may do so when the run's turn has come.
    if (absl::IsPermissionDenied(reachable) ||
        absl::IsInvalidArgument(reachable)) {
      return reachable;
    }
  }
  return selected;
}

absl::StatusOr<v1::Run> Runs::Plan(const v1::StartRunRequest& request) const {
  RETURN_IF_ERROR(CheckRequest(request));
  ASSIGN_OR_RETURN(const std::vector<SelectedSuite> selected, Choose(request));
  v1::Run plan =
      PlanOf(selected, request.shuffle_seed(), clock_.WallTime(),
             [&](std::string_view need) { return access_.WhyLacking(need); });
  *plan.mutable_labels() = request.labels();
  plan.set_daemon_version(version_);
  return plan;
}

absl::StatusOr<v1::Run> Runs::Start(const v1::StartRunRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request));
  const std::string& key = request.idempotency_key();
  auto record = std::make_shared<RunRecord>();
  record->request = request;
  if (!key.empty()) record->fingerprint = FingerprintOf(request);
  {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const Record first, OfKey(key, record->fingerprint));
    if (first != nullptr) return *first->run;
    if (draining_) {
      return absl::UnavailableError("the daemon is shutting down");
    }
  }
  ASSIGN_OR_RETURN(record->selected, Choose(request));
  v1::Run run;
  run.set_state(v1::QUEUED);
  for (const SelectedSuite& chosen : record->selected) {
    run.add_suites()->mutable_suite()->set_name(chosen.suite.name());
  }
  *run.mutable_labels() = request.labels();
  *run.mutable_create_time() = WallTime(clock_);
  run.set_daemon_version(version_);
  {
    MutexLock lock(mutex_);
    if (draining_) {
      return absl::UnavailableError("the daemon is shutting down");
    }
    // A second request of the same key may have come in between.
    ASSIGN_OR_RETURN(const Record first, OfKey(key, record->fingerprint));
    if (first != nullptr) return *first->run;
    RETURN_IF_ERROR(RefuseWhenFull());
    run.set_name(NewName());
    run.set_queue_position(
        static_cast<std::uint32_t>(queue_.size() + (busy_ ? 1 : 0)));
    record->run = std::make_shared<const v1::Run>(run);
    kept_.Add(record, key);
    // Before the executor can say anything of it.
    record->log->Append(StateEvent(run, clock_));
    queue_.push_back({record, nullptr});
    changed_.NotifyAll();
  }
  on_queued_(run, record->log);
  return run;
}

std::string Runs::NewName() {
  const std::int64_t now = absl::ToUnixMillis(clock_.WallTime());
  last_stamp_ = std::max(last_stamp_ + 1, now);
  return absl::StrCat(
      "runs/",
      absl::FormatTime("%Y%m%d-%H%M%E3S", absl::FromUnixMillis(last_stamp_),
                       absl::UTCTimeZone()));
}

absl::StatusOr<v1::Run> Runs::Get(std::string_view name) const {
  std::shared_ptr<const v1::Run> run;
  std::shared_ptr<const v1::Snapshot> snapshot;
  {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const Record record, kept_.Find(name));
    run = record->run;
    snapshot = snapshot_;
  }
  v1::Run state = *run;
  AddProgress(snapshot.get(), state);
  return state;
}

absl::StatusOr<v1::ListRunsResponse> Runs::List(
    const v1::ListRunsRequest& request) const {
  if (request.page_size() > kMostPerPage) {
    return BadField("page_size", absl::StrCat("must be 0 to ", kMostPerPage,
                                              ", got ", request.page_size()));
  }
  const std::size_t size =
      request.page_size() == 0 ? kDefaultPerPage : request.page_size();
  std::vector<std::shared_ptr<const v1::Run>> page;
  std::shared_ptr<const v1::Snapshot> snapshot;
  bool more = false;
  {
    MutexLock lock(mutex_);
    page = kept_.Page(request.page_token(), size, &more);
    snapshot = snapshot_;
  }
  v1::ListRunsResponse response;
  for (const auto& run : page) {
    *response.add_runs() = Brief(*run);
    AddProgress(snapshot.get(), *response.mutable_runs()->rbegin());
  }
  if (more) response.set_next_page_token(page.back()->name());
  return response;
}

absl::StatusOr<v1::Run> Runs::Cancel(std::string_view name,
                                     std::string_view reason) {
  Record record;
  {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(record, kept_.Find(name));
    if (record->run->state() == v1::FINISHED) return *record->run;
    CancelRecord(record, reason.empty() ? "cancelled by a client" : reason);
  }
  TellIfFinished({record});
  return Get(name);
}

void Runs::CancelRecord(const Record& record, std::string_view reason) {
  if (record->stop.request_stop()) {
    record->cancel_reason = std::string(reason);
  }
  if (record->run->state() == v1::QUEUED && record != current_) {
    FinishQueued(record);
  }
}

void Runs::FinishQueued(const Record& record) {
  std::erase_if(queue_,
                [&](const Queued& queued) { return queued.record == record; });
  v1::Run run = *record->run;
  run.set_state(v1::FINISHED);
  run.set_verdict(v1::CANCELLED);
  run.set_reason(record->cancel_reason);
  run.clear_queue_position();
  *run.mutable_end_time() = WallTime(clock_);
  record->untold = FinishedEvent(std::move(run), clock_);
  record->bytes = record->untold->SpaceUsedLong();
  record->run = {record->untold, &record->untold->finished()};
  for (const SelectedSuite& chosen : record->selected) {
    ++finished_[{chosen.suite.name(), v1::CANCELLED}];
  }
  changed_.NotifyAll();
}

void Runs::TellIfFinished(const std::vector<Record>& records) {
  for (const Record& record : records) {
    std::shared_ptr<v1::RunEvent> event;
    {
      MutexLock lock(mutex_);
      event = std::exchange(record->untold, nullptr);
    }
    if (event != nullptr) record->log->Append(std::move(event));
  }
}

absl::StatusOr<std::shared_ptr<EventLog>> Runs::Log(
    std::string_view name) const {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const Record record, kept_.Find(name));
  return record->log;
}

void Runs::CancelWithoutWatcher(std::string_view name) {
  MutexLock lock(mutex_);
  const auto record = kept_.Find(name);
  if (!record.ok()) return;
  (*record)->needs_watcher = true;
  (*record)->alone_since = clock_.Now();
  changed_.NotifyAll();
}

std::shared_ptr<void> Runs::Watch(std::string_view name) {
  MutexLock lock(mutex_);
  auto found = kept_.Find(name);
  if (!found.ok()) return nullptr;
  Record record = *std::move(found);
  ++record->watchers;
  // Gives the watcher back when the last copy goes; `this` outlives it.
  return {record.get(), [this, record](void*) {
            MutexLock guard(mutex_);
            if (--record->watchers > 0) return;
            record->alone_since = clock_.Now();
            changed_.NotifyAll();
          }};
}

absl::StatusOr<Runs::Record> Runs::OfKey(const std::string& key,
                                         std::size_t fingerprint) const {
  Record record = kept_.FindByKey(key);
  if (record == nullptr || record->fingerprint == fingerprint) return record;
  return absl::AlreadyExistsError(
      absl::StrCat("idempotency_key: another request with the key \"", key,
                   "\" made ", record->run->name()));
}

absl::Status Runs::Exclusively(Work work) {
  MutexLock lock(mutex_);
  if (draining_) return absl::UnavailableError("the daemon is shutting down");
  RETURN_IF_ERROR(RefuseWhenFull());
  queue_.push_back({nullptr, std::move(work)});
  changed_.NotifyAll();
  return absl::OkStatus();
}

absl::Status Runs::RefuseWhenFull() const {
  if (queue_.size() < limits_.queue) return absl::OkStatus();
  const std::string text = absl::StrCat("the queue is full: ", queue_.size(),
                                        " runs are waiting (limit ",
                                        limits_.queue, ", --queue-limit)");
  return WithQuota(absl::ResourceExhaustedError(text), "runs/queue", text);
}

std::vector<Runs::Record> Runs::Unfinished() const {
  std::vector<Record> unfinished;
  if (current_ != nullptr) unfinished.push_back(current_);
  for (const Queued& queued : queue_) {
    if (queued.record != nullptr) unfinished.push_back(queued.record);
  }
  return unfinished;
}

void Runs::Drain(Nanos deadline) {
  std::vector<Record> left;
  {
    MutexLock lock(mutex_);
    draining_ = true;
    left = Unfinished();
  }
  const Nanos time = deadline - clock_.Now();
  if (time > 0) {
    const std::string note =
        absl::StrCat("the daemon is shutting down; this run has ",
                     (time + kSecond / 2) / kSecond, " s");
    for (const Record& record : left) {
      record->log->Append(NoteEvent(note, clock_));
    }
  }
  {
    MutexLock lock(mutex_);
    while ((busy_ || !queue_.empty()) && clock_.Now() < deadline) {
      changed_.WaitUntil(mutex_, deadline);
    }
    left = Unfinished();
    stop_work_.request_stop();
    for (const Record& record : left) {
      CancelRecord(record, "the daemon is shutting down");
    }
  }
  TellIfFinished(left);
  MutexLock lock(mutex_);
  while (busy_ || !queue_.empty()) changed_.Wait(mutex_);
}

Runs::Status Runs::status() const {
  MutexLock lock(mutex_);
  Status status;
  if (current_ != nullptr) status.current_run = current_->run->name();
  status.queued = queue_.size();
  status.queue_limit = limits_.queue;
  status.kept = kept_.CountFinished();
  status.draining = draining_;
  return status;
}

std::vector<std::shared_ptr<const v1::Run>> Runs::Recent(
    std::size_t most) const {
  MutexLock lock(mutex_);
  return kept_.Finished(most);
}

std::shared_ptr<const v1::Run> Runs::Current() const {
  MutexLock lock(mutex_);
  return current_ != nullptr && current_->run->state() == v1::RUNNING
             ? current_->run
             : nullptr;
}

std::shared_ptr<const v1::Snapshot> Runs::LatestSnapshot() const {
  MutexLock lock(mutex_);
  return snapshot_;
}

std::map<std::pair<std::string, v1::Verdict>, std::uint64_t> Runs::Finished()
    const {
  MutexLock lock(mutex_);
  return finished_;
}

}  // namespace perfrig::runs
