// Work that may block for longer than anyone wants to wait, and cannot be
// interrupted: a name server's answer.
//
//   auto answer = std::make_shared<Answer>();
//   RETURN_IF_ERROR(AwaitDetached([answer, name] { *answer = Ask(name); },
//                                 deadline, stop));
#ifndef PERFRIG_COMMON_SYNC_DETACHED_WORK_H_
#define PERFRIG_COMMON_SYNC_DETACHED_WORK_H_

#include <cstdint>
#include <functional>
#include <stop_token>

#include "absl/status/status.h"

namespace perfrig {

// Runs `work` on a thread of its own and waits until it has ended. CANCELLED
// as soon as `stop` is requested, DEADLINE_EXCEEDED at `deadline_ns` of the
// steady clock: the work then goes on alone until it ends, so it must own
// what it touches. A process has at most 64 such threads; whoever comes later
// waits, under the same conditions, until one has ended.
absl::Status AwaitDetached(std::function<void()> work, std::int64_t deadline_ns,
                           const std::stop_token& stop);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_SYNC_DETACHED_WORK_H_
