// Calls of every kind to all mock targets while their behavior changes at
// random: nothing crashes, nothing is lost, what is wrong is refused as a
// whole, and the counts add up at any moment.
//
//   chaos_soak --seconds 30 --rate 5000 --updates 100
//
// Daemon and callers share this process, so that AddressSanitizer sees both.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/status.h"
#include "common/status/code_names.h"
#include "common/time/clock.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/daemon.h"
#include "server/drivers/grpc/grpc_driver.h"
#include "server/load/generator.h"
#include "tests/soak/calls.h"
#include "tests/soak/control.h"
#include "tests/soak/random_behavior.h"

namespace perfrig::soak {
namespace {

struct Flags {
  int seconds = 30;
  double rate = 5'000;
  double updates = 100;
  std::uint64_t seed = 1;
  // 0: whatever it takes, as under a sanitizer, which frees nothing at once.
  double memory_megabytes = 0;
};

double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

// Calls that go on in a thread of their own.
class Load {
 public:
  Load(Clock& clock, const std::string& address, const std::vector<Call>& calls,
       double rate, int seconds)
      : drivers_(clock, {address}), callers_(calls), generator_(clock, {}) {
    round_.groups[0].load.set_rate(rate);
    round_.groups[0].load.set_connections(4);
    round_.groups[0].load.mutable_duration()->set_seconds(seconds);
    round_.drivers = &drivers_;
    round_.workloads = &callers_;
    thread_ =
        std::thread([this] { measured_ = generator_.Run(round_, {}, {}); });
  }

  // Waits for its end.
  const load::Tally& Finish(Problems& problems) {
    thread_.join();
    if (!measured_.ok()) {
      std::fprintf(stderr, "chaos_soak: %s\n",
                   measured_.status().ToString().c_str());
      std::exit(EXIT_FAILURE);
    }
    const load::Tally& tally = measured_->steps.front();
    problems.Require(tally.planned == tally.ok + tally.failed + tally.dropped,
                     absl::StrCat(tally.planned, " calls were planned, ",
                                  tally.ok, " succeeded, ", tally.failed,
                                  " failed, ", tally.dropped, " were dropped"));
    problems.Require(tally.unfinished == 0,
                     absl::StrCat(tally.unfinished, " calls never ended"));
    // Nobody asked for these.
    for (const char* name :
         {"UNKNOWN", "UNIMPLEMENTED", "INTERNAL", "INVALID_ARGUMENT"}) {
      const auto code = static_cast<std::size_t>(*StatusCode(name));
      problems.Require(
          tally.statuses.at(code) == 0,
          absl::StrCat(tally.statuses.at(code), " calls ended as ", name));
    }
    problems.Require(callers_.overcounted() == 0,
                     absl::StrCat("phases of ", callers_.overcounted(),
                                  " calls took longer than the call: ",
                                  callers_.first_overcounted()));
    return tally;
  }
  [[nodiscard]] const Callers& callers() const { return callers_; }

 private:
  drivers::GrpcDriverFactory drivers_;
  Callers callers_;
  load::Generator generator_;
  load::Round round_;
  absl::StatusOr<load::Measurement> measured_ = load::Measurement();
  std::thread thread_;
};

struct Changes {
  std::uint64_t taken = 0;
  std::uint64_t refused = 0;
  std::uint64_t resets = 0;
};

std::uint64_t FinishedOf(const v1::Target& target) {
  std::uint64_t finished = 0;
  for (const auto& [code, count] : target.statistics().finished()) {
    finished += count;
  }
  return finished;
}

void CheckCounts(const v1::Target& target, Problems& problems) {
  const v1::TargetStatistics& counts = target.statistics();
  const std::uint64_t finished = FinishedOf(target);
  problems.Require(
      counts.started() == finished + counts.in_flight(),
      absl::StrCat(target.name(), ": ", counts.started(), " started, ",
                   finished, " finished, ", counts.in_flight(), " in flight"));
  problems.Require(counts.waiting() <= counts.in_flight(),
                   absl::StrCat(target.name(), ": ", counts.waiting(),
                                " wait of ", counts.in_flight(), " in flight"));
}

// One change of one target, or of all; a wrong one now and then, if `alone`
// says that nobody else changes them.
void ChangeOne(Control& control, const std::vector<v1::Target>& targets,
               bool alone, std::mt19937_64& random, Changes& changes,
               Problems& problems) {
  const v1::Target& target = targets[random() % targets.size()];
  const std::uint64_t draw = random() % 100;
  if (draw < 3) {
    control.Reset(draw == 0 ? "targets/-" : target.name());
    ++changes.resets;
  } else if (draw < 15 && alone) {
    const v1::Behavior before = control.Get(target.name()).behavior();
    const auto request = WrongUpdate(target, random);
    const grpc::Status status = control.Update(request);
    ++changes.refused;
    problems.Require(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT,
                     absl::StrCat("not refused: ", request.ShortDebugString()));
    problems.Require(
        google::protobuf::util::MessageDifferencer::Equals(
            before, control.Get(target.name()).behavior()),
        absl::StrCat("refused and yet in force: ", request.ShortDebugString()));
  } else {
    const auto request = RandomUpdate(target, random);
    const grpc::Status status = control.Update(request);
    ++changes.taken;
    problems.Require(status.ok(),
                     absl::StrCat("refused: ", request.ShortDebugString(), ": ",
                                  status.error_message()));
  }
}

Changes Change(Control& control, Clock& clock, const Flags& flags,
               const std::vector<v1::Target>& targets, std::uint64_t seed,
               double seconds, bool alone, Problems& problems) {
  std::mt19937_64 random(seed);
  Changes changes;
  const Nanos start = clock.Now();
  const auto count = static_cast<int>(flags.updates * seconds);
  for (int i = 0; i < count; ++i) {
    clock.SleepUntil(start + static_cast<Nanos>(i * 1e9 / flags.updates));
    ChangeOne(control, targets, alone, random, changes, problems);
    CheckCounts(control.Get(targets[random() % targets.size()].name()),
                problems);
  }
  return changes;
}

// By one, then by two at the same time.
Changes ChangeAll(Control& control, Clock& clock, const Flags& flags,
                  const std::vector<v1::Target>& targets, Problems& problems) {
  const double half = flags.seconds / 2.0;
  Changes changes = Change(control, clock, flags, targets, flags.seed, half,
                           /*alone=*/true, problems);
  Changes other;
  std::thread second([&] {
    other = Change(control, clock, flags, targets, flags.seed + 1, half,
                   /*alone=*/false, problems);
  });
  const Changes first = Change(control, clock, flags, targets, flags.seed + 2,
                               half, /*alone=*/false, problems);
  second.join();
  changes.taken += first.taken + other.taken;
  changes.resets += first.resets + other.resets;
  return changes;
}

// All calls are over: nothing of them is left at the targets.
void CheckQuiet(Control& control, Clock& clock, Problems& problems) {
  // A machine that is too slow has much to catch up with.
  const Nanos end = clock.Now() + 60 * kSecond;
  std::string busy;
  do {
    busy.clear();
    for (const v1::Target& target : control.List()) {
      CheckCounts(target, problems);
      if (target.statistics().in_flight() == 0) continue;
      absl::StrAppend(&busy, target.name(), ": ",
                      target.statistics().in_flight(), " still in flight; ");
    }
    clock.SleepUntil(clock.Now() + 10 * kMillisecond);
  } while (!busy.empty() && clock.Now() < end);
  problems.Require(busy.empty(), busy);
}

void Print(const char* what, const load::Tally& tally) {
  std::printf("%s: %llu calls, %llu dropped;", what,
              static_cast<unsigned long long>(tally.planned),
              static_cast<unsigned long long>(tally.dropped));
  for (std::size_t code = 0; code < tally.statuses.size(); ++code) {
    if (tally.statuses.at(code) == 0) continue;
    std::printf(" %s %llu",
                std::string(StatusName(static_cast<int>(code))).c_str(),
                static_cast<unsigned long long>(tally.statuses.at(code)));
  }
  std::printf("\n");
}

// After it, the targets' own counts and the callers' can be compared: nothing
// was reset meanwhile.
void StayCalm(Control& control, Clock& clock, const std::string& address,
              const std::vector<Call>& calls, const Flags& flags,
              Problems& problems) {
  control.Reset("targets/-");
  Load load(clock, address, calls, flags.rate, std::max(1, flags.seconds / 6));
  Print("calm", load.Finish(problems));
  CheckQuiet(control, clock, problems);
  for (const auto& [name, seen] : load.callers().SeenByTarget()) {
    const v1::TargetStatistics counts = control.Get(name).statistics();
    const auto ok = counts.finished().find("OK");
    const std::uint64_t answered =
        ok == counts.finished().end() ? 0 : ok->second;
    // Targets call each other, and callers give up on some answers.
    problems.Require(answered >= seen.ok,
                     absl::StrCat(name, ": answered ", answered,
                                  " calls, callers saw ", seen.ok));
    problems.Require(name != "targets/echo" || counts.started() <= seen.calls,
                     absl::StrCat(name, ": ", counts.started(),
                                  " calls started of ", seen.calls));
  }
}

int Run(const Flags& flags) {
  SystemClock clock;
  Config config;
  config.control_address = config.http_address = config.target_address =
      "127.0.0.1:0";
  auto daemon = Daemon::Start(clock, std::move(config));
  if (!daemon.ok()) {
    std::fprintf(stderr, "chaos_soak: %s\n",
                 daemon.status().ToString().c_str());
    return EXIT_FAILURE;
  }
  Control control((*daemon)->control_address());
  const std::string address = (*daemon)->target_address();
  const std::vector<v1::Target> targets = control.List();
  const std::string token = Control(address).Token();
  const auto calls = CallsOf(targets, token);
  if (!calls.ok()) {
    std::fprintf(stderr, "chaos_soak: %s\n", calls.status().ToString().c_str());
    return EXIT_FAILURE;
  }

  Problems problems;
  const double before = ResidentMegabytes();
  Load load(clock, address, *calls, flags.rate, flags.seconds);
  const Changes changes = ChangeAll(control, clock, flags, targets, problems);
  Print("chaos", load.Finish(problems));
  CheckQuiet(control, clock, problems);
  std::printf(
      "%zu targets, %zu kinds of calls; %llu changes taken, %llu "
      "refused, %llu resets\n",
      targets.size(), calls->size(),
      static_cast<unsigned long long>(changes.taken),
      static_cast<unsigned long long>(changes.refused),
      static_cast<unsigned long long>(changes.resets));
  const double after = ResidentMegabytes();
  StayCalm(control, clock, address, *calls, flags, problems);
  const double end = ResidentMegabytes();
  std::printf(
      "resident: %.1f MB before, %.1f MB after the chaos, %.1f MB at "
      "the end\n",
      before, after, end);
  if (flags.memory_megabytes > 0) {
    problems.Require(
        end - before <= flags.memory_megabytes,
        absl::StrCat("resident memory grew by ", end - before,
                     " MB, more than --memory ", flags.memory_megabytes));
  }
  if (problems.count() == 0) return EXIT_SUCCESS;
  std::fprintf(stderr, "chaos_soak: %d things do not hold (seed %llu)\n",
               problems.count(), static_cast<unsigned long long>(flags.seed));
  return EXIT_FAILURE;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Calls of every kind while behavior changes at random.");
  app.add_option("--seconds", flags.seconds)->check(CLI::Range(1, 86'400));
  app.add_option("--rate", flags.rate, "Calls a second")
      ->check(CLI::Range(1.0, 1e5));
  app.add_option("--updates", flags.updates, "Changes a second")
      ->check(CLI::Range(1.0, 1e4));
  app.add_option("--seed", flags.seed, "Of the changes");
  app.add_option("--memory", flags.memory_megabytes,
                 "By how much resident memory may have grown at the end, in MB")
      ->check(CLI::Range(0.0, 1e6));
  CLI11_PARSE(app, argc, argv);
  return Run(flags);
}

}  // namespace
}  // namespace perfrig::soak

int main(int argc, char** argv) { return perfrig::soak::Main(argc, argv); }
