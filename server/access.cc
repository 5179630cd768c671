#include "server/access.h"

#include <utility>

#include "common/status/macros.h"
#include "server/drivers/grpc/grpc_driver.h"
#include "server/drivers/grpc/reflection.h"
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

Access::Access(Clock& clock, AllowedTargets allowed, std::string self,
               targets::Host& host, const drivers::LocalFunctions& functions)
    : clock_(clock),
      allowed_(std::move(allowed)),
      self_(std::move(self)),
      host_(host),
      functions_(functions) {}

absl::StatusOr<std::string> Access::Resolve(std::string_view target,
                                            const std::stop_token& stop) {
  if (target != "self") {
    return allowed_.Admit(target, clock_.Now() + kLookUpTimeout, stop);
  }
  RETURN_IF_ERROR(allowed_.AdmitSelf());
  return self_;
}

absl::StatusOr<std::unique_ptr<drivers::DriverFactory>> Access::MakeDrivers(
    const std::vector<std::string>& addresses) {
  return std::make_unique<drivers::GrpcDriverFactory>(clock_, addresses);
}

std::unique_ptr<drivers::DriverFactory> Access::MakeLocalDrivers() {
  return std::make_unique<drivers::LocalDriverFactory>(clock_, functions_);
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
