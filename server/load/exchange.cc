#include "server/load/exchange.h"

#include <utility>

namespace perfrig::load {

Exchange::Exchange(std::uint32_t lanes, std::size_t steps,
                   std::size_t metrics) {
  MutexLock lock(mutex_);
  places_.resize(lanes);
  for (Place& place : places_) {
    place.spare = std::make_unique<LaneSecond>(steps, metrics);
  }
}

bool Exchange::Offer(std::uint32_t lane, std::unique_ptr<LaneSecond>& second) {
  MutexLock lock(mutex_);
  Place& place = places_[lane];
  if (place.ready != nullptr || place.spare == nullptr) return false;
  place.ready = std::exchange(second, std::move(place.spare));
  changed_.NotifyOne();
  return true;
}

void Exchange::Finish(std::uint32_t lane, std::unique_ptr<LaneSecond> rest) {
  MutexLock lock(mutex_);
  places_[lane].rest = std::move(rest);
  places_[lane].over = true;
  changed_.NotifyOne();
}

bool Exchange::AllReady() const {
  for (const Place& place : places_) {
    if (place.ready == nullptr && !place.over) return false;
  }
  return true;
}

bool Exchange::Take(Nanos deadline,
                    std::vector<std::unique_ptr<LaneSecond>>& seconds) {
  MutexLock lock(mutex_);
  while (!AllReady()) {
    if (!changed_.WaitUntil(mutex_, deadline)) break;
  }
  seconds.clear();
  bool any = false;
  for (Place& place : places_) {
    any = any || !place.over || place.ready != nullptr;
    seconds.push_back(std::move(place.ready));
  }
  return any;
}

void Exchange::GiveBack(std::uint32_t lane,
                        std::unique_ptr<LaneSecond> second) {
  MutexLock lock(mutex_);
  places_[lane].spare = std::move(second);
}

std::vector<std::unique_ptr<LaneSecond>> Exchange::TakeRests() {
  MutexLock lock(mutex_);
  std::vector<std::unique_ptr<LaneSecond>> rests;
  rests.reserve(places_.size());
  for (Place& place : places_) rests.push_back(std::move(place.rest));
  return rests;
}

}  // namespace perfrig::load
