// Calls functions of this process, by name, instead of methods over a network.
//
//   LocalDriverFactory drivers(clock, functions, CountAllocations);
#ifndef PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_DRIVER_H_
#define PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_DRIVER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"
#include "server/drivers/local/local_function.h"
#include "server/drivers/local/local_scope.h"

namespace perfrig::drivers {

// What the calling thread has allocated so far.
struct Allocations {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};
using AllocationCounter = Allocations (*)();

// Calls run one after the other inside Poll, on the lane's thread; `sent` and
// `done` stand right around LocalCall::Run. What a call is made of (its name
// and data) is made before its first run and kept: equal ones of a lane share
// it, and calls whose data differ each time pay for it each time, outside of
// what is measured. A call that nobody knows ends as UNIMPLEMENTED; one that
// took longer than its timeout, or waited longer for those before it, as
// DEADLINE_EXCEEDED. Trailers are what the call tells, and `allocations` and
// `allocated_bytes` of its run, where they can be counted.
class LocalDriverFactory final : public DriverFactory {
 public:
  // The first two outlive the factory and its drivers. `allocations` may be
  // null.
  LocalDriverFactory(Clock& clock, const LocalFunctions& functions,
                     AllocationCounter allocations = nullptr)
      : clock_(clock), functions_(functions), allocations_(allocations) {}

  // The factory outlives the driver.
  absl::StatusOr<std::unique_ptr<Driver>> Create(
      const ConnectionPlan& connections, Observer& observer) override;

 private:
  Clock& clock_;
  const LocalFunctions& functions_;
  const AllocationCounter allocations_;
  LocalScope scope_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_DRIVER_H_
