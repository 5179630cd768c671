// Where lanes hand over what they counted, once a second, and the collector
// takes it. Neither ever waits long for the other: a lane takes the lock once
// a second and keeps counting in what it has if the collector is slow; the
// collector merges outside of the lock.
#ifndef PERFRIG_SERVER_LOAD_EXCHANGE_H_
#define PERFRIG_SERVER_LOAD_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "server/load/recorder.h"

namespace perfrig::load {

class Exchange {
 public:
  Exchange(std::uint32_t lanes, std::size_t steps, std::size_t metrics);

  // Lane: hands `second` over and gets an empty one for it; false, with
  // nothing changed, if what it handed over last has not been taken.
  bool Offer(std::uint32_t lane, std::unique_ptr<LaneSecond>& second);
  // Lane: is over; whatever it still has is handed over.
  void Finish(std::uint32_t lane, std::unique_ptr<LaneSecond> rest);

  // Collector: waits until all lanes that are not over have handed over, or
  // until `deadline` on the steady clock. Gives by lane what there is, null
  // where there is nothing; false if all lanes are over.
  bool Take(Nanos deadline, std::vector<std::unique_ptr<LaneSecond>>& seconds);
  // Collector: gives a cleared one back for the lane's use.
  void GiveBack(std::uint32_t lane, std::unique_ptr<LaneSecond> second);
  // Collector: what lanes that are over had left; once Take said false.
  std::vector<std::unique_ptr<LaneSecond>> TakeRests();

 private:
  struct Place {
    std::unique_ptr<LaneSecond> ready;
    std::unique_ptr<LaneSecond> spare;
    std::unique_ptr<LaneSecond> rest;
    bool over = false;
  };

  bool AllReady() const PERFRIG_REQUIRES(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::vector<Place> places_ PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_EXCHANGE_H_
