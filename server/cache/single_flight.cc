#include "server/cache/single_flight.h"

#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/sync/mutex.h"

namespace perfrig::cache {
namespace {

struct Flight {
  std::string key;
  // Null once it is over or abandoned.
  SingleFlight::Caller computing;
  std::list<SingleFlight::Caller> callers;
};

}  // namespace

class SingleFlight::State : public std::enable_shared_from_this<State> {
 public:
  State(DelayQueue& delays, std::size_t max_waiting)
      : delays_(delays), max_waiting_(max_waiting) {}

  // What to compute for; null where that is under way or nobody waits.
  absl::StatusOr<Caller> Join(const std::string& key, const Caller& caller)
      PERFRIG_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (statistics_.waiting >= max_waiting_) {
      ++statistics_.refused;
      return absl::ResourceExhaustedError(
          absl::StrCat(max_waiting_, " callers wait for computations already"));
    }
    auto& flight = flights_[key];
    const bool starts = flight == nullptr;
    if (starts) {
      flight = std::make_shared<Flight>();
      flight->key = key;
    }
    const auto place = flight->callers.insert(flight->callers.end(), caller);
    if (!caller->OnWithdraw([self = shared_from_this(), flight, place] {
          self->Leave(*flight, place);
        })) {
      flight->callers.erase(place);
      if (starts) flights_.erase(key);
      return nullptr;
    }
    ++statistics_.waiting;
    if (!starts) {
      ++statistics_.shared;
      return nullptr;
    }
    ++statistics_.started;
    flight->computing = MakePending<Result>(
        [self = shared_from_this(), flight](const Result& result) {
          self->Land(*flight, result);
        });
    return flight->computing;
  }

  void Forget(const std::string& key) PERFRIG_EXCLUDES(mutex_) {
    std::shared_ptr<Flight> forgotten;
    MutexLock lock(mutex_);
    const auto at = flights_.find(key);
    if (at == flights_.end()) return;
    forgotten = std::move(at->second);
    flights_.erase(at);
  }

  void ForgetAll() PERFRIG_EXCLUDES(mutex_) {
    absl::flat_hash_map<std::string, std::shared_ptr<Flight>> forgotten;
    MutexLock lock(mutex_);
    forgotten.swap(flights_);
  }

  [[nodiscard]] SingleFlightStatistics statistics() const {
    MutexLock lock(mutex_);
    return statistics_;
  }

 private:
  void Land(Flight& flight, const Result& result) PERFRIG_EXCLUDES(mutex_) {
    std::list<Caller> callers;
    {
      MutexLock lock(mutex_);
      if (flight.computing == nullptr) return;
      flight.computing = nullptr;
      callers.swap(flight.callers);
      statistics_.waiting -= callers.size();
      Drop(flight);
    }
    for (const Caller& caller : callers) caller->Answer(result);
  }

  void Leave(Flight& flight, std::list<Caller>::iterator place)
      PERFRIG_EXCLUDES(mutex_) {
    Caller left;
    Caller abandoned;
    MutexLock lock(mutex_);
    // Landed meanwhile: the place is gone.
    if (flight.computing == nullptr) return;
    left = std::move(*place);
    flight.callers.erase(place);
    --statistics_.waiting;
    if (!flight.callers.empty()) return;
    ++statistics_.abandoned;
    abandoned = std::move(flight.computing);
    flight.computing = nullptr;
    Drop(flight);
    delays_.Schedule(0, [abandoned] { abandoned->Withdraw(); });
  }

  // Unless it was forgotten, and another has its key.
  void Drop(const Flight& flight) PERFRIG_REQUIRES(mutex_) {
    const auto at = flights_.find(flight.key);
    if (at != flights_.end() && at->second.get() == &flight) {
      flights_.erase(at);
    }
  }

  DelayQueue& delays_;
  const std::size_t max_waiting_;
  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_
      PERFRIG_GUARDED_BY(mutex_);
  SingleFlightStatistics statistics_ PERFRIG_GUARDED_BY(mutex_);
};

SingleFlight::SingleFlight(DelayQueue& delays, std::size_t max_waiting)
    : state_(std::make_shared<State>(delays, max_waiting)) {}

void SingleFlight::Join(std::string_view key, const Caller& caller,
                        const Compute& compute) {
  const absl::StatusOr<Caller> computing =
      state_->Join(std::string(key), caller);
  if (!computing.ok()) {
    caller->Answer(computing.status());
  } else if (*computing != nullptr) {
    compute(*computing);
  }
}

void SingleFlight::Forget(std::string_view key) {
  state_->Forget(std::string(key));
}

void SingleFlight::ForgetAll() { state_->ForgetAll(); }

SingleFlightStatistics SingleFlight::statistics() const {
  return state_->statistics();
}

}  // namespace perfrig::cache
