#include "server/drivers/local/local_function.h"

#include <utility>

namespace perfrig::drivers {
namespace {

using Function = std::function<absl::Status(std::string_view)>;

class StatelessCall final : public LocalCall {
 public:
  StatelessCall(Function function, std::string_view data)
      : function_(std::move(function)), data_(data) {}

  absl::Status Run() override { return function_(data_); }

 private:
  const Function function_;
  const std::string data_;
};

}  // namespace

LocalFunction Stateless(Function function) {
  return {.make = [function = std::move(function)](std::string_view data,
                                                   LocalScope&) {
    return std::make_unique<StatelessCall>(function, data);
  }};
}

}  // namespace perfrig::drivers
