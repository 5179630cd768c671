#include "server/local/basics.h"

#include <memory>

#include "common/status/macros.h"
#include "server/local/options.h"

namespace perfrig::local {
namespace {

using drivers::LocalCall;
using drivers::LocalScope;

class SpinCall final : public LocalCall {
 public:
  SpinCall(const Clock& clock, double microseconds)
      : clock_(clock), time_(static_cast<Nanos>(microseconds * kMicrosecond)) {}

  absl::Status Run() override {
    const Nanos end = clock_.Now() + time_;
    while (clock_.Now() < end) {
    }
    return absl::OkStatus();
  }

 private:
  const Clock& clock_;
  const Nanos time_;
};

}  // namespace

drivers::LocalFunction Noop() {
  return drivers::Stateless([](std::string_view) { return absl::OkStatus(); });
}

drivers::LocalFunction Spin(const Clock& clock) {
  return [&clock](std::string_view data,
                  LocalScope&) -> absl::StatusOr<std::unique_ptr<LocalCall>> {
    ASSIGN_OR_RETURN(Options options, Options::Parse(data));
    const double microseconds =
        options.Number("microseconds", {.min = 0, .max = 1e7}, 100);
    RETURN_IF_ERROR(options.Finish());
    return std::make_unique<SpinCall>(clock, microseconds);
  };
}

}  // namespace perfrig::local
