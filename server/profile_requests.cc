#include "server/profile_requests.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace perfrig {
namespace {

// False where nobody is there to read it.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

std::string Lines(const std::vector<std::string>& lines) {
  return absl::StrCat(std::string(kProfileOk), "\n", absl::StrJoin(lines, "\n"),
                      lines.empty() ? "\n" : "\n\n");
}

}  // namespace

ProfileRequests::ProfileRequests(Clock& clock, int fd)
    : clock_(clock), socket_(fd), thread_([this] { Run(); }) {}

ProfileRequests::~ProfileRequests() {
  shutdown(socket_.get(), SHUT_RDWR);
  thread_.join();
}

void ProfileRequests::Run() {
  std::string unread;
  std::array<char, 256> buffer = {};
  for (;;) {
    const std::size_t end = unread.find('\n');
    if (end != std::string::npos) {
      const std::string request = unread.substr(0, end);
      unread.erase(0, end + 1);
      if (!WriteAll(socket_.get(), Answer(request))) return;
      continue;
    }
    const ssize_t bytes = read(socket_.get(), buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return;
    unread.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
}

std::string ProfileRequests::Answer(std::string_view request) {
  if (request == kBeginProfile) {
    auto started = resources::CpuProfiler::Start(clock_);
    if (!started.ok()) {
      return absl::StrCat(started.status().message(), "\n\n");
    }
    profiler_ = *std::move(started);
    return Lines({});
  }
  if (request == kEndProfile && profiler_ != nullptr) {
    const std::string answer = Lines(profiler_->Stop());
    profiler_ = nullptr;
    return answer;
  }
  return "there is nothing to answer\n\n";
}

}  // namespace perfrig
