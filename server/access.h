// How runs reach their targets: where load may go, drivers for it, what the
// methods there are, and the mock targets behind an address.
#ifndef PERFRIG_SERVER_ACCESS_H_
#define PERFRIG_SERVER_ACCESS_H_

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "server/allowed_targets.h"
#include "server/config.h"
#include "server/drivers/local/local_driver.h"
#include "server/runs/ports.h"
#include "server/targets/host.h"

namespace perfrig {

class Access final : public runs::TargetAccess {
 public:
  // References outlive this; `self` is where this daemon's own targets are
  // called.
  Access(Clock& clock, const Config& config, std::string self,
         targets::Host& host, const drivers::LocalFunctions& functions);

  std::string WhyLacking(std::string_view need) const override;
  absl::StatusOr<std::string> Resolve(std::string_view target,
                                      const std::stop_token& stop) override;
  absl::StatusOr<std::unique_ptr<runs::SpawnedTargets>> Spawn(
      std::size_t count, const std::stop_token& stop) override;
  absl::StatusOr<std::unique_ptr<drivers::DriverFactory>> MakeDrivers(
      const std::vector<std::string>& addresses) override;
  std::unique_ptr<drivers::DriverFactory> MakeLocalDrivers() override;
  absl::StatusOr<std::unique_ptr<suites::MethodTypes>> Types(
      const std::string& address, bool self,
      const std::stop_token& stop) override;
  std::unique_ptr<runs::TargetControl> Control(
      const std::string& address, bool self,
      const std::stop_token& stop) override;

 private:
  Clock& clock_;
  const Config& config_;
  const AllowedTargets allowed_;
  const std::string self_;
  targets::Host& host_;
  const drivers::LocalFunctions& functions_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_ACCESS_H_
