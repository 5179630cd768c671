// A run while it happens, as lines for a file, a pipe or a CI job.
#ifndef PERFRIG_CLIENT_VIEWS_PLAIN_LOG_H_
#define PERFRIG_CLIENT_VIEWS_PLAIN_LOG_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

class PlainLog {
 public:
  explicit PlainLog(Style style) : style_(style) {}

  // Lines to print for `event`: one when a test starts and ends, one every
  // 5 s between, one when the run queues.
  std::vector<std::string> Apply(const v1::RunEvent& event);

 private:
  std::vector<std::string> OnSnapshot(const v1::Snapshot& snapshot);

  Style style_;
  std::string run_;
  absl::Duration next_;
  std::uint32_t round_ = 0;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_PLAIN_LOG_H_
