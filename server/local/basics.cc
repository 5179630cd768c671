#include "server/local/basics.h"

#include <memory>

#include "server/local/function_with_options.h"

namespace perfrig::local {
namespace {

using drivers::LocalCall;
using drivers::LocalScope;

class NoopCall final : public LocalCall {
 public:
  absl::Status Run() override { return absl::OkStatus(); }
};

struct SpinSettings {
  double microseconds = 0;
};

SpinSettings ReadSpin(Options& options) {
  return {.microseconds =
              options.Number("microseconds", {.min = 0, .max = 1e7}, 100)};
}

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
  return FunctionWithOptions<NoSettings>(
      ReadNothing,
      [](const NoSettings&, std::string_view, LocalScope&) -> MadeCall {
        return std::make_unique<NoopCall>();
      });
}

drivers::LocalFunction Spin(const Clock& clock) {
  return FunctionWithOptions<SpinSettings>(
      ReadSpin,
      [&clock](const SpinSettings& settings, std::string_view,
               LocalScope&) -> MadeCall {
        return std::make_unique<SpinCall>(clock, settings.microseconds);
      });
}

}  // namespace perfrig::local
