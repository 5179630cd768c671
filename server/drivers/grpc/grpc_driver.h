// Calls any gRPC method over HTTP/2.
//
//   GrpcDriverFactory drivers(clock, {"localhost:7072"}, {});
//   ASSIGN_OR_RETURN(auto driver, drivers.Create({}, observer));
//   RETURN_IF_ERROR(driver->Connect(clock.Now() + 10 * kSecond));
//   driver->Start(0, request);
//   driver->Poll(clock.Now() + kSecond);
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_GRPC_DRIVER_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_GRPC_DRIVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/options.h"

namespace perfrig::drivers {

class GrpcDriverFactory final : public DriverFactory {
 public:
  // Connections take turns over `addresses`, and over the endpoints of each,
  // all drivers counted together. `clock` reads the monotonic clock and
  // outlives this and its drivers.
  GrpcDriverFactory(Clock& clock, std::vector<std::string> addresses,
                    GrpcDriverOptions options = {});

  // INVALID_ARGUMENT if there is no address or one cannot be read.
  absl::StatusOr<std::unique_ptr<Driver>> Create(
      const ConnectionPlan& connections, Observer& observer) override;

 private:
  Clock& clock_;
  const std::vector<std::string> addresses_;
  const GrpcDriverOptions options_;
  std::atomic<std::size_t> next_connection_ = 0;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_GRPC_DRIVER_H_
