#include "server/runs/runs.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/details.h"
#include "common/status/macros.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/time_util.h"
#include "server/runs/executor.h"
#include "server/runs/selection.h"
#include "server/runs/test_runner.h"

namespace perfrig::runs {

// What is known of one run. `run` is replaced, never changed, so that readers
// need no lock while they read.
struct RunRecord {
  v1::StartRunRequest request;
  // Of the request, which is let go of when the run is done.
  std::size_t fingerprint = 0;
  std::vector<SelectedSuite> selected;
  std::shared_ptr<EventLog> log = std::make_shared<EventLog>();
  std::atomic<bool> cancelled = false;

  // Guarded by Runs::mutex_.
  std::shared_ptr<const v1::Run> run;
  std::string cancel_reason;
  // The finished event of a run that never began has been sent.
  bool told = false;
  bool needs_watcher = false;
  int watchers = 0;
  Nanos alone_since = 0;
};

namespace {

using google::protobuf::util::TimeUtil;

constexpr Nanos kPatience = 10 * kSecond;
constexpr char kPrefix[] = "runs/";
constexpr std::size_t kMostLabels = 64;
constexpr std::size_t kLongestLabel = 1'024;
constexpr std::size_t kLongestKey = 128;
constexpr std::uint32_t kMostPerPage = 1'000;
constexpr std::uint32_t kDefaultPerPage = 50;

google::protobuf::Timestamp ToProto(absl::Time time) {
  return TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(time));
}

absl::Status CheckRequest(const v1::StartRunRequest& request) {
  if (request.labels().size() > kMostLabels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "labels: at most ", kMostLabels, ", got ", request.labels().size()));
  }
  for (const auto& [name, value] : request.labels()) {
    if (name.empty() || name.size() + value.size() > kLongestLabel) {
      return absl::InvalidArgumentError(
          absl::StrCat("labels.", name, ": name and value must have 1 to ",
                       kLongestLabel, " bytes together"));
    }
  }
  if (request.idempotency_key().size() > kLongestKey) {
    return absl::InvalidArgumentError(
        absl::StrCat("idempotency_key: at most ", kLongestKey, " bytes"));
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

void ShowProgress(const v1::Snapshot& snapshot, v1::Run& run) {
  run.set_progress(snapshot.progress());
  *run.mutable_remaining() = snapshot.remaining();
}

// For lists: no suites' text and no histograms.
v1::Run Brief(const v1::Run& run) {
  v1::Run brief = run;
  for (v1::SuiteResult& suite : *brief.mutable_suites()) {
    const std::string name = suite.suite().name();
    suite.mutable_suite()->Clear();
    suite.mutable_suite()->set_name(name);
    for (v1::TestResult& test : *suite.mutable_tests()) {
      test.clear_rounds();
      test.clear_steps();
      test.clear_slowest();
      test.clear_failed();
      v1::Figures& figures = *test.mutable_figures();
      for (v1::Distribution* times :
           {figures.mutable_latency(), figures.mutable_latency_all(),
            figures.mutable_service(), figures.mutable_lag(),
            figures.mutable_first_message(), figures.mutable_message_gap(),
            figures.mutable_stream_wait(),
            test.mutable_rig()->mutable_hiccups(),
            test.mutable_rig()->mutable_mock_lateness(),
            test.mutable_connections()->mutable_connect()}) {
        times->clear_histogram();
      }
    }
  }
  return brief;
}

v1::RunEvent StateEvent(const v1::Run& run, const Clock& clock) {
  v1::RunEvent event;
  *event.mutable_time() = ToProto(clock.WallTime());
  *event.mutable_run() = run;
  return event;
}

v1::RunEvent FinishedEvent(const v1::Run& run, const Clock& clock) {
  v1::RunEvent event;
  *event.mutable_time() = ToProto(clock.WallTime());
  *event.mutable_finished() = run;
  return event;
}

}  // namespace

Runs::Runs(Clock& clock, suites::Catalog& catalog, TargetAccess& access,
           load::GeneratorOptions generator, Limits limits, std::string version)
    : clock_(clock),
      catalog_(catalog),
      access_(access),
      limits_(limits),
      version_(std::move(version)),
      generator_(clock, generator),
      thread_([this] { Work(); }),
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

void Runs::KeepHouse() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      const Nanos wake = clock_.Now() + kSecond;
      while (!stopping_ && clock_.Now() < wake) {
        changed_.WaitUntil(mutex_, wake);
      }
      if (stopping_) return;
    }
    CancelAbandoned();
  }
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
  ASSIGN_OR_RETURN(record->selected, Select(request, catalog_));
  for (const SelectedSuite& chosen : record->selected) {
    const absl::Status reachable =
        ResolveTargets(chosen.suite, access_).status();
    // Names that do not resolve now may do so when the run's turn has come.
    if (absl::IsPermissionDenied(reachable) ||
        absl::IsInvalidArgument(reachable)) {
      return reachable;
    }
  }
  v1::Run run;
  run.set_state(v1::QUEUED);
  for (const SelectedSuite& chosen : record->selected) {
    run.add_suites()->mutable_suite()->set_name(chosen.suite.name());
  }
  *run.mutable_labels() = request.labels();
  *run.mutable_create_time() = ToProto(clock_.WallTime());
  run.set_daemon_version(version_);
  {
    MutexLock lock(mutex_);
    if (draining_) {
      return absl::UnavailableError("the daemon is shutting down");
    }
    // A second request of the same key may have come in between.
    ASSIGN_OR_RETURN(const Record first, OfKey(key, record->fingerprint));
    if (first != nullptr) return *first->run;
    RETURN_IF_ERROR(CheckRoom());
    run.set_name(NewName());
    run.set_queue_position(
        static_cast<std::uint32_t>(queue_.size() + (busy_ ? 1 : 0)));
    record->run = std::make_shared<const v1::Run>(run);
    records_.emplace(run.name(), record);
    if (!key.empty()) names_by_key_.emplace(key, run.name());
    // Before the executor can say anything of it.
    record->log->Append(StateEvent(run, clock_));
    queue_.push_back({record, nullptr});
    changed_.NotifyAll();
  }
  return run;
}

absl::StatusOr<Runs::Record> Runs::OfKey(const std::string& key,
                                         std::size_t fingerprint) const {
  const auto found = names_by_key_.find(key);
  if (found == names_by_key_.end()) return nullptr;
  ASSIGN_OR_RETURN(const Record record, Find(found->second));
  if (record->fingerprint == fingerprint) return record;
  return absl::AlreadyExistsError(
      absl::StrCat("idempotency_key: another request with the key \"", key,
                   "\" made ", found->second));
}

absl::Status Runs::CheckRoom() const {
  if (queue_.size() < limits_.queue) return absl::OkStatus();
  const std::string text = absl::StrCat("the queue is full: ", queue_.size(),
                                        " runs are waiting (limit ",
                                        limits_.queue, ", --queue-limit)");
  return WithQuota(absl::ResourceExhaustedError(text), "runs/queue", text);
}

std::string Runs::NewName() {
  const std::int64_t now = absl::ToUnixMillis(clock_.WallTime());
  last_stamp_ = std::max(last_stamp_ + 1, now);
  return absl::StrCat(
      kPrefix,
      absl::FormatTime("%Y%m%d-%H%M%E3S", absl::FromUnixMillis(last_stamp_),
                       absl::UTCTimeZone()));
}

absl::StatusOr<Runs::Record> Runs::Find(std::string_view name) const {
  const std::string full = name.starts_with(kPrefix)
                               ? std::string(name)
                               : absl::StrCat(kPrefix, std::string(name));
  const auto found = records_.find(full);
  if (found == records_.end()) {
    return absl::NotFoundError(
        absl::StrCat("no run ", full, "; perfrig runs lists those kept"));
  }
  return found->second;
}

absl::StatusOr<v1::Run> Runs::Get(std::string_view name) const {
  std::shared_ptr<const v1::Run> run;
  std::shared_ptr<const v1::Snapshot> snapshot;
  {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const Record record, Find(name));
    run = record->run;
    if (record == current_ && run->state() == v1::RUNNING) snapshot = snapshot_;
  }
  v1::Run shown = *run;
  if (snapshot != nullptr) ShowProgress(*snapshot, shown);
  return shown;
}

absl::StatusOr<v1::ListRunsResponse> Runs::List(
    const v1::ListRunsRequest& request) const {
  if (request.page_size() > kMostPerPage) {
    return absl::InvalidArgumentError(absl::StrCat("page_size must be 1 to ",
                                                   kMostPerPage, ", got ",
                                                   request.page_size()));
  }
  const std::size_t size =
      request.page_size() == 0 ? kDefaultPerPage : request.page_size();
  std::vector<std::shared_ptr<const v1::Run>> page;
  std::shared_ptr<const v1::Snapshot> snapshot;
  bool more = false;
  {
    MutexLock lock(mutex_);
    // Names ascend with time; the token is the last name of the page before.
    auto end = request.page_token().empty()
                   ? records_.end()
                   : records_.lower_bound(request.page_token());
    while (end != records_.begin() && page.size() < size) {
      page.push_back((--end)->second->run);
    }
    more = end != records_.begin();
    snapshot = snapshot_;
  }
  v1::ListRunsResponse response;
  for (const auto& run : page) {
    v1::Run& brief = *response.add_runs();
    brief = Brief(*run);
    // One run is at work at a time.
    if (snapshot != nullptr && run->state() == v1::RUNNING) {
      ShowProgress(*snapshot, brief);
    }
  }
  if (more) response.set_next_page_token(page.back()->name());
  return response;
}

absl::StatusOr<v1::Run> Runs::Cancel(std::string_view name,
                                     std::string_view reason) {
  Record record;
  {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(record, Find(name));
    if (record->run->state() == v1::FINISHED) return *record->run;
    CancelRecord(record, reason.empty() ? "cancelled by a client" : reason);
  }
  TellIfFinished({record});
  return Get(name);
}

void Runs::CancelRecord(const Record& record, std::string_view reason) {
  if (!record->cancelled.exchange(true)) {
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
  *run.mutable_end_time() = ToProto(clock_.WallTime());
  record->run = std::make_shared<const v1::Run>(run);
  for (const SelectedSuite& chosen : record->selected) {
    ++finished_[{chosen.suite.name(), v1::CANCELLED}];
  }
  changed_.NotifyAll();
}

void Runs::TellIfFinished(const std::vector<Record>& records) {
  for (const Record& record : records) {
    std::shared_ptr<const v1::Run> run;
    {
      MutexLock lock(mutex_);
      // The executor tells of those that it has begun.
      if (record->run->state() != v1::FINISHED ||
          record->run->has_start_time() || record->told) {
        continue;
      }
      record->told = true;
      run = record->run;
    }
    record->log->Append(FinishedEvent(*run, clock_));
  }
}

absl::StatusOr<std::shared_ptr<EventLog>> Runs::Log(
    std::string_view name) const {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const Record record, Find(name));
  return record->log;
}

void Runs::CancelWithoutWatcher(std::string_view name) {
  MutexLock lock(mutex_);
  const auto record = Find(name);
  if (!record.ok()) return;
  (*record)->needs_watcher = true;
  (*record)->alone_since = clock_.Now();
}

std::shared_ptr<void> Runs::Watch(std::string_view name) {
  MutexLock lock(mutex_);
  auto found = Find(name);
  if (!found.ok()) return nullptr;
  Record record = *std::move(found);
  ++record->watchers;
  // Gives the watcher back when the last copy goes; `this` outlives it.
  return {record.get(), [this, record](void*) {
            MutexLock guard(mutex_);
            if (--record->watchers == 0) record->alone_since = clock_.Now();
          }};
}

void Runs::CancelAbandoned() {
  std::vector<Record> abandoned;
  {
    MutexLock lock(mutex_);
    const Nanos now = clock_.Now();
    const auto look = [&](const Record& record) {
      if (record != nullptr && record->needs_watcher && record->watchers == 0 &&
          now - record->alone_since >= kPatience) {
        abandoned.push_back(record);
      }
    };
    look(current_);
    for (const Queued& queued : queue_) look(queued.record);
    for (const Record& record : abandoned) {
      CancelRecord(record, "nobody watched it for 10 s");
    }
  }
  TellIfFinished(abandoned);
}

absl::Status Runs::Exclusively(std::function<void()> work) {
  MutexLock lock(mutex_);
  if (draining_) return absl::UnavailableError("the daemon is shutting down");
  RETURN_IF_ERROR(CheckRoom());
  queue_.push_back({nullptr, std::move(work)});
  changed_.NotifyAll();
  return absl::OkStatus();
}

void Runs::Work() {
  for (;;) {
    Queued next;
    {
      MutexLock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
      busy_ = true;
      current_ = next.record;
    }
    if (next.record != nullptr) {
      Execute(next.record);
    } else {
      next.work();
    }
    MutexLock lock(mutex_);
    busy_ = false;
    current_ = nullptr;
    snapshot_ = nullptr;
    ForgetOldest();
    changed_.NotifyAll();
  }
}

void Runs::Execute(const Record& record) {
  v1::Run run;
  {
    MutexLock lock(mutex_);
    run = *record->run;
    run.set_state(v1::RUNNING);
    run.clear_queue_position();
    *run.mutable_start_time() = ToProto(clock_.WallTime());
    record->run = std::make_shared<const v1::Run>(run);
  }
  record->log->Append(StateEvent(run, clock_));
  const auto publish = [&](const v1::Run& state) {
    auto copy = std::make_shared<const v1::Run>(state);
    MutexLock lock(mutex_);
    record->run = std::move(copy);
  };
  ExecutorHooks hooks{.on_run = publish, .on_event = [&](v1::RunEvent event) {
                        if (event.has_snapshot()) {
                          auto snapshot = std::make_shared<const v1::Snapshot>(
                              event.snapshot());
                          MutexLock lock(mutex_);
                          snapshot_ = std::move(snapshot);
                        }
                        record->log->Append(std::move(event));
                      }};
  Executor executor(clock_, generator_, access_, record->cancelled,
                    std::move(hooks));
  executor.Execute(record->selected, record->request, run);
  run.set_state(v1::FINISHED);
  *run.mutable_end_time() = ToProto(clock_.WallTime());
  {
    MutexLock lock(mutex_);
    if (run.verdict() == v1::CANCELLED) run.set_reason(record->cancel_reason);
    for (const v1::SuiteResult& suite : run.suites()) {
      ++finished_[{suite.suite().name(), suite.verdict()}];
    }
    record->run = std::make_shared<const v1::Run>(run);
    // What the run was made of stands in its result now.
    record->selected.clear();
    record->request.Clear();
  }
  record->log->Append(FinishedEvent(run, clock_));
}

void Runs::ForgetOldest() {
  std::size_t finished = 0;
  RunRecord* newest = nullptr;
  for (const auto& [name, record] : records_) {
    if (record->run->state() != v1::FINISHED) continue;
    ++finished;
    // Who still watches the newest may be some events behind; of older runs
    // the last event tells all.
    if (newest != nullptr) newest->log->KeepLast();
    newest = record.get();
  }
  for (auto it = records_.begin();
       it != records_.end() && finished > limits_.kept;) {
    if (it->second->run->state() != v1::FINISHED) {
      ++it;
      continue;
    }
    std::erase_if(names_by_key_,
                  [&](const auto& entry) { return entry.second == it->first; });
    it = records_.erase(it);
    --finished;
  }
}

void Runs::Drain(Nanos deadline) {
  std::vector<Record> left;
  std::deque<Queued> dropped;
  {
    MutexLock lock(mutex_);
    draining_ = true;
    while ((busy_ || !queue_.empty()) && clock_.Now() < deadline) {
      changed_.WaitUntil(mutex_, deadline);
    }
    if (current_ != nullptr) left.push_back(current_);
    for (Queued& queued : queue_) {
      if (queued.record != nullptr) {
        left.push_back(queued.record);
      } else {
        dropped.push_back(std::move(queued));
      }
    }
    std::erase_if(
        queue_, [](const Queued& queued) { return queued.record == nullptr; });
    for (const Record& record : left) {
      CancelRecord(record, "the daemon is shutting down");
    }
  }
  dropped.clear();
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
  for (const auto& [name, record] : records_) {
    if (record->run->state() == v1::FINISHED) ++status.kept;
  }
  status.draining = draining_;
  return status;
}

std::vector<std::shared_ptr<const v1::Run>> Runs::Recent(
    std::size_t most) const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<const v1::Run>> recent;
  for (auto it = records_.rbegin();
       it != records_.rend() && recent.size() < most; ++it) {
    if (it->second->run->state() == v1::FINISHED) {
      recent.push_back(it->second->run);
    }
  }
  return recent;
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
