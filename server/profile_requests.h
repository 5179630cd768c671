// Profiles of this process for the one who started it.
#ifndef PERFRIG_SERVER_PROFILE_REQUESTS_H_
#define PERFRIG_SERVER_PROFILE_REQUESTS_H_

#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "common/process/file_descriptor.h"
#include "common/time/clock.h"
#include "server/resources/cpu_profiler.h"

namespace perfrig {

// What ChildProcess::Ask asks, each in one line. The first line of an answer is
// kProfileOk or says what went wrong; after it come, at the end of a profile,
// its folded stacks.
inline constexpr std::string_view kBeginProfile = "begin profile";
inline constexpr std::string_view kEndProfile = "end profile";
inline constexpr std::string_view kProfileOk = "ok";

class ProfileRequests {
 public:
  // Answers on a thread of its own what comes from the socket `fd`, which it
  // takes over, until its other end is closed. `clock` outlives this.
  ProfileRequests(Clock& clock, int fd);
  ~ProfileRequests();

 private:
  void Run();
  std::string Answer(std::string_view request);

  Clock& clock_;
  const FileDescriptor socket_;
  std::unique_ptr<resources::CpuProfiler> profiler_;
  std::thread thread_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_PROFILE_REQUESTS_H_
