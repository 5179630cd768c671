// Calls functions of this process, by name, instead of methods over a network.
//
//   LocalFunctions functions = {{"cache.get", [&](std::string_view data) {…}}};
//   LocalDriverFactory drivers(clock, functions);
#ifndef PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_DRIVER_H_
#define PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_DRIVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig::drivers {

// Called by many threads at once, with the first message of the request (empty
// if it has none). Its status is the call's.
using LocalFunction = std::function<absl::Status(std::string_view data)>;
using LocalFunctions = std::map<std::string, LocalFunction, std::less<>>;

// Calls run one after the other inside Poll, on the lane's thread; `sent` and
// `done` stand right around the function. A call that nobody knows ends as
// UNIMPLEMENTED; one that took longer than its timeout, or waited longer for
// those before it, as DEADLINE_EXCEEDED.
class LocalDriverFactory final : public DriverFactory {
 public:
  // Both outlive the factory and its drivers.
  LocalDriverFactory(Clock& clock, const LocalFunctions& functions)
      : clock_(clock), functions_(functions) {}

  absl::StatusOr<std::unique_ptr<Driver>> Create(
      const ConnectionPlan& connections, Observer& observer) override;

 private:
  Clock& clock_;
  const LocalFunctions& functions_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_DRIVER_H_
