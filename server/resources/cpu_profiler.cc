#include "server/resources/cpu_profiler.h"

#include <execinfo.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "absl/status/status.h"
#include "common/status/macros.h"
#include "server/resources/folded_stacks.h"
#include "server/resources/symbols.h"

namespace perfrig::resources {
namespace {

constexpr Nanos kBetweenSamples = kSecond / 99;
constexpr Nanos kBetweenLooks = 50 * kMillisecond;
constexpr int kDeepest = 64;
// The handler itself, and what the kernel puts below it.
constexpr int kOwnFrames = 2;

// One sample; written by a handler, read by the profiler's thread.
struct Slot {
  enum State { kFree, kBusy, kFull };
  std::atomic<int> state = kFree;
  pid_t thread = 0;
  int depth = 0;
  std::array<void*, kDeepest> frames = {};
};

// What a signal handler can reach: of 32 threads flat out it fills up in 300
// ms. A process has one profiler at most.
struct Ring {
  std::atomic<bool> taken = false;
  // Handlers write while it is on.
  std::atomic<bool> on = false;
  std::atomic<int> writing = 0;
  std::atomic<std::uint64_t> next = 0;
  std::array<Slot, 1024> slots = {};
};
Ring ring;

void Write(Slot& slot) {
  int free = Slot::kFree;
  // Nobody has read it yet: this sample is lost.
  if (!slot.state.compare_exchange_strong(free, Slot::kBusy)) return;
  slot.thread = static_cast<pid_t>(syscall(SYS_gettid));
  slot.depth = backtrace(slot.frames.data(), kDeepest);
  slot.state.store(Slot::kFull, std::memory_order_release);
}

void OnSignal(int) {
  const int before = errno;
  ++ring.writing;
  if (ring.on) Write(ring.slots[ring.next++ % ring.slots.size()]);
  --ring.writing;
  errno = before;
}

absl::Status Failed(const char* what) {
  return absl::UnavailableError(std::string("the CPU cannot be sampled: ") +
                                what + ": " +
                                std::generic_category().message(errno));
}

absl::Status InstallHandler() {
  // The first call loads a library, which a handler must not do.
  std::array<void*, 1> frame = {};
  backtrace(frame.data(), 1);
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGPROF, &action, nullptr) == 0) return absl::OkStatus();
  return Failed("sigaction");
}

// What counts the CPU time of one thread of this process, as the kernel
// numbers it.
clockid_t CpuClockOf(pid_t thread) {
  constexpr int kOneThread = 4;
  constexpr int kScheduled = 2;
  return static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) |
                                kOneThread | kScheduled);
}

// Fires never where `every` is 0.
absl::StatusOr<timer_t> TimerOf(pid_t thread, Nanos every) {
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = SIGPROF;
  event._sigev_un._tid = thread;
  timer_t timer{};
  if (timer_create(CpuClockOf(thread), &event, &timer) != 0) {
    return Failed("timer_create");
  }
  const itimerspec times = {{0, every}, {0, every}};
  if (timer_settime(timer, 0, &times, nullptr) == 0) return timer;
  const absl::Status failed = Failed("timer_settime");
  timer_delete(timer);
  return failed;
}

std::set<pid_t> Threads() {
  std::set<pid_t> threads;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task", error)) {
    threads.insert(std::stoi(entry.path().filename().string()));
  }
  return threads;
}

std::string NameOf(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/comm");
  std::string name;
  std::getline(file, name);
  return name.empty() ? "thread" : ShortFunction(name);
}

}  // namespace

absl::Status CpuProfiler::Permitted() {
  ASSIGN_OR_RETURN(const timer_t timer,
                   TimerOf(static_cast<pid_t>(syscall(SYS_gettid)), 0));
  timer_delete(timer);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CpuProfiler>> CpuProfiler::Start(Clock& clock) {
  if (ring.taken.exchange(true)) {
    return absl::FailedPreconditionError("the CPU is sampled already");
  }
  std::unique_ptr<CpuProfiler> profiler(new CpuProfiler(clock));
  RETURN_IF_ERROR(InstallHandler());
  RETURN_IF_ERROR(profiler->FollowThreads());
  ring.on = true;
  profiler->thread_ = std::thread([&made = *profiler] { made.Run(); });
  return profiler;
}

CpuProfiler::CpuProfiler(Clock& clock) : clock_(clock) {}

CpuProfiler::~CpuProfiler() {
  if (thread_.joinable()) Stop();
  EndTimers();
  ring.taken = false;
}

std::vector<std::string> CpuProfiler::Stop() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    stopped_changed_.NotifyAll();
  }
  thread_.join();
  EndTimers();
  // The handler stays: signals may still be on their way.
  ring.on = false;
  while (ring.writing > 0) std::this_thread::yield();
  Collect();

  const Symbols symbols;
  std::map<std::uintptr_t, std::string> functions;
  StackCounts counts;
  for (const auto& [key, count] : stacks_) {
    const auto& [thread, stack] = key;
    std::vector<std::string> frames = {names_[thread]};
    for (std::size_t i = stack.size(); i-- > 0;) {
      // A caller's address is that of the instruction after its call.
      const std::uintptr_t address = stack[i] - (i > 0 ? 1 : 0);
      std::string& function = functions[address];
      if (function.empty()) function = symbols.NameOf(address);
      frames.push_back(function);
    }
    counts[std::move(frames)] += count;
  }
  return Fold(counts);
}

void CpuProfiler::Run() {
  for (;;) {
    {
      const Nanos due = clock_.Now() + kBetweenLooks;
      MutexLock lock(mutex_);
      while (!stopped_ && clock_.Now() < due) {
        stopped_changed_.WaitUntil(mutex_, due);
      }
      if (stopped_) return;
    }
    // A thread that ends meanwhile is none to follow.
    FollowThreads().IgnoreError();
    Collect();
  }
}

absl::Status CpuProfiler::FollowThreads() {
  absl::Status first_failure;
  const std::set<pid_t> threads = Threads();
  // The number of one that has ended may be given to another.
  std::erase_if(timers_, [&](const auto& entry) {
    if (threads.contains(entry.first)) return false;
    timer_delete(entry.second);
    return true;
  });
  for (const pid_t thread : threads) {
    if (timers_.contains(thread)) continue;
    const auto timer = TimerOf(thread, kBetweenSamples);
    first_failure.Update(timer.status());
    if (!timer.ok()) continue;
    timers_[thread] = *timer;
    names_[thread] = NameOf(thread);
  }
  return timers_.empty() ? first_failure : absl::OkStatus();
}

void CpuProfiler::Collect() {
  for (Slot& slot : ring.slots) {
    if (slot.state.load(std::memory_order_acquire) != Slot::kFull) continue;
    Stack stack;
    for (int i = kOwnFrames; i < slot.depth; ++i) {
      stack.push_back(reinterpret_cast<std::uintptr_t>(slot.frames[i]));
    }
    ++stacks_[{slot.thread, std::move(stack)}];
    slot.state.store(Slot::kFree, std::memory_order_release);
  }
}

void CpuProfiler::EndTimers() {
  for (const auto& [thread, timer] : timers_) timer_delete(timer);
  timers_.clear();
}

}  // namespace perfrig::resources
