#include "server/access.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/drivers/grpc/grpc_driver.h"
#include "server/drivers/grpc/reflection.h"
#include "server/drivers/local/local_driver.h"
#include "server/local/allocations.h"
#include "server/resources/cpu_profiler.h"
#include "server/spawned_targets.h"
#include "server/suites/test_targets.h"
#include "server/target_control.h"

namespace perfrig {
namespace {

// How long a target may take to say which methods it has.
constexpr Nanos kReflectionTimeout = 5 * kSecond;
// How long name servers may take.
constexpr Nanos kLookUpTimeout = 5 * kSecond;

// What a target tells of its methods.
class ToldTypes final : public suites::MethodTypes {
 public:
  explicit ToldTypes(std::unique_ptr<drivers::ReflectedTypes> types)
      : types_(std::move(types)) {}

  absl::StatusOr<const google::protobuf::MethodDescriptor*> Find(
      std::string_view method) override {
    return types_->Find(method);
  }

 private:
  const std::unique_ptr<drivers::ReflectedTypes> types_;
};

}  // namespace

Access::Access(Clock& clock, const Config& config, std::string self,
               targets::Host& host, const drivers::LocalFunctions& functions)
    : clock_(clock),
      config_(config),
      allowed_(config.allow_target),
      self_(std::move(self)),
      host_(host),
      functions_(functions) {}

std::string Access::WhyLacking(std::string_view need) const {
  if (need == "baseline") return "no baseline";
  if (need == "profile") {
    return std::string(resources::CpuProfiler::Permitted().message());
  }
  const std::map<std::string_view, const std::string*> given = {
      {"redis", &config_.redis},
      {"postgresql", &config_.postgresql},
      {"s3", &config_.s3}};
  const auto found = given.find(need);
  if (found != given.end() && !found->second->empty()) return "";
  const std::string name(need);
  return absl::StrCat("no ", name, ": perfrigd was started without --", name);
}

absl::StatusOr<std::string> Access::Resolve(std::string_view target,
                                            const std::stop_token& stop) {
  if (target == suites::kSpawn) {
    RETURN_IF_ERROR(allowed_.AdmitSpawn());
    return std::string(target);
  }
  if (target != suites::kSelf) {
    return allowed_.Admit(target, clock_.Now() + kLookUpTimeout, stop);
  }
  RETURN_IF_ERROR(allowed_.AdmitSelf());
  return self_;
}

absl::StatusOr<std::unique_ptr<runs::SpawnedTargets>> Access::Spawn(
    std::size_t count, const std::stop_token& stop) {
  return SpawnedTargets::Start(config_, count, stop);
}

absl::StatusOr<std::unique_ptr<drivers::DriverFactory>> Access::MakeDrivers(
    const std::vector<std::string>& addresses) {
  return std::make_unique<drivers::GrpcDriverFactory>(clock_, addresses);
}

std::unique_ptr<drivers::DriverFactory> Access::MakeLocalDrivers() {
  return std::make_unique<drivers::LocalDriverFactory>(
      clock_, functions_, local::CountedAllocations());
}

absl::StatusOr<std::unique_ptr<suites::MethodTypes>> Access::Types(
    const std::string& address, bool self, const std::stop_token& stop) {
  if (self) return std::make_unique<suites::BuiltInMethodTypes>();
  ASSIGN_OR_RETURN(auto types, drivers::ReflectedTypes::Connect(
                                   clock_, address,
                                   clock_.Now() + kReflectionTimeout, stop));
  return std::make_unique<ToldTypes>(std::move(types));
}

std::unique_ptr<runs::TargetControl> Access::Control(
    const std::string& address, bool self, const std::stop_token& stop) {
  return self || address == self_ ? ControlOf(host_)
                                  : ControlAt(clock_, address, stop);
}

}  // namespace perfrig
