// Computes once what several ask for at the same time.
//
//   SingleFlight flights(delays);
//   flights.Join("user/7", caller, [](const SingleFlight::Caller& computing) {
//     Start([computing](std::string bytes) {
//       computing->Answer(Found{MakeValue(bytes), Source::kComputed});
//     });
//   });
//
// The first caller starts the computation, on its own thread; all of them are
// called back with its result, in the order of their arrival. The computation
// belongs to none of them: it is withdrawn when all of them have withdrawn.
#ifndef PERFRIG_SERVER_CACHE_SINGLE_FLIGHT_H_
#define PERFRIG_SERVER_CACHE_SINGLE_FLIGHT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/time/delay_queue.h"
#include "server/cache/pending.h"
#include "server/cache/value.h"

namespace perfrig::cache {

struct SingleFlightStatistics {
  std::uint64_t started = 0;
  // Callers that found a computation under way.
  std::uint64_t shared = 0;
  // Computations whose callers have all withdrawn.
  std::uint64_t abandoned = 0;
  // Callers beyond the limit.
  std::uint64_t refused = 0;
  // Callers that wait now.
  std::size_t waiting = 0;
};

// Thread-safe.
class SingleFlight {
 public:
  using Result = absl::StatusOr<Found>;
  using Caller = PendingPtr<Result>;
  // Answers once, at once or later, on any thread.
  using Compute = std::function<void(const Caller& computing)>;

  // An abandoned computation is withdrawn on the thread of `delays`, which
  // outlives it. More callers than `max_waiting` at once get
  // RESOURCE_EXHAUSTED.
  explicit SingleFlight(DelayQueue& delays, std::size_t max_waiting = 100'000);

  void Join(std::string_view key, const Caller& caller, const Compute& compute);
  // Callers from now on do not share what is under way for `key`: it has
  // changed since.
  void Forget(std::string_view key);
  // The same for all keys.
  void ForgetAll();

  [[nodiscard]] SingleFlightStatistics statistics() const;

 private:
  class State;

  // Shared with the computations and callers that wait.
  std::shared_ptr<State> state_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_SINGLE_FLIGHT_H_
