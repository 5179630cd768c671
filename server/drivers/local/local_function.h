// Functions of this process that suites call by name. A function is told the
// data of a call once, for each lane, and makes what the lane then runs.
//
//   LocalFunctions functions = {
//       {"cache.get", {.make = [](std::string_view data, LocalScope& scope)
//                          -> absl::StatusOr<std::unique_ptr<LocalCall>> {…},
//                      .check = …}}};
#ifndef PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_FUNCTION_H_
#define PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_FUNCTION_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/strings/field_problem.h"
#include "common/time/clock.h"
#include "server/drivers/local/local_scope.h"
#include "server/drivers/local/local_trailers.h"

namespace perfrig::drivers {

// A call that is ready to be made again and again, by one thread.
class LocalCall {
 public:
  virtual ~LocalCall() = default;

  // Before each Run. An error is the call's status, and it is not run.
  virtual absl::Status Prepare() { return absl::OkStatus(); }
  // The only part that is measured. Its status is the call's.
  virtual absl::Status Run() = 0;
  // After each Run, with what that `took`: what there is to observe.
  virtual void Tell(Nanos /*took*/, LocalTrailers& /*trailers*/) {}
};

// Makes the call that `data` (the first message of the request; empty if it has
// none) describe. What lanes shall share is in `scope`. Thread-safe.
// INVALID_ARGUMENT naming the field where the data make no sense.
using MakeLocalCall = std::function<absl::StatusOr<std::unique_ptr<LocalCall>>(
    std::string_view data, LocalScope& scope)>;
// Everything that is wrong with such data, known without making anything of
// them. Fields are those within the data: "bytes"; "" for all of them.
// Thread-safe.
using CheckLocalData =
    std::function<std::vector<FieldProblem>(std::string_view data)>;

struct LocalFunction {
  MakeLocalCall make;
  // Null: data are looked at when the call is made.
  CheckLocalData check = nullptr;
};
using LocalFunctions = std::map<std::string, LocalFunction, std::less<>>;

// A function without state: run with its data each time, by many threads at
// once.
LocalFunction Stateless(std::function<absl::Status(std::string_view)> function);

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_FUNCTION_H_
