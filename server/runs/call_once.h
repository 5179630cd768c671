// One call outside of any load: before and after a round.
#ifndef PERFRIG_SERVER_RUNS_CALL_ONCE_H_
#define PERFRIG_SERVER_RUNS_CALL_ONCE_H_

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig::runs {

struct OneAnswer {
  int status = 0;
  std::string status_message;
  // The last response message.
  std::string message;
  std::vector<drivers::Header> trailers;
  Nanos sent = 0;
  Nanos done = 0;
};

// Blocks until the call has ended. An error if no connection can be made;
// CANCELLED soon after `stop` is requested; DEADLINE_EXCEEDED at `limit`.
// A call that failed is an answer.
absl::StatusOr<OneAnswer> CallOnce(Clock& clock,
                                   drivers::DriverFactory& drivers,
                                   const drivers::Request& request,
                                   const std::stop_token& stop, Nanos limit);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_CALL_ONCE_H_
