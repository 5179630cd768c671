#include "server/hosted_targets.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/macros.h"
#include "server/environment.h"
#include "server/host_options.h"

namespace perfrig {

HostedTargets::HostedTargets(Clock& clock, targets::HostOptions options)
    : clock_(clock),
      delays_(clock),
      host_(clock, std::move(options)),
      api_(host_, clock, delays_) {}

absl::StatusOr<std::unique_ptr<HostedTargets>> HostedTargets::Start(
    Clock& clock, const Config& config) {
  ASSIGN_OR_RETURN(targets::HostOptions options,
                   MakeHostOptions(config, Environment()));
  std::unique_ptr<HostedTargets> hosted(
      new HostedTargets(clock, std::move(options)));
  RETURN_IF_ERROR(hosted->host_.CheckDefaults());
  RETURN_IF_ERROR(hosted->Serve(config.target_address));
  return hosted;
}

HostedTargets::~HostedTargets() {
  if (port_ != nullptr) Shutdown(clock_.WallTime());
}

absl::Status HostedTargets::Serve(const std::string& address) {
  std::vector<grpc::Service*> services = host_.services();
  std::vector<std::string> names = {v1::Targets::service_full_name()};
  for (const v1::Target& target : host_.List()) {
    names.push_back(target.service());
  }
  services.push_back(&api_);
  ASSIGN_OR_RETURN(
      port_, DaemonPort::Start("--target-address", address, services, names));
  return absl::OkStatus();
}

void HostedTargets::Shutdown(absl::Time deadline) {
  host_.Shutdown();
  port_->Shutdown(deadline);
}

}  // namespace perfrig
