// The generator and the gRPC driver alone, against an Echo in another process:
// what a call costs and how punctual it is. Prints one line of name=value.
//
//   generator_bench ADDRESS --users 100 --connections 4 --seconds 5
//   generator_bench ADDRESS --rate 10000 --seconds 5 --delay 20ms
//   generator_bench ADDRESS --burst 50000 --delay 60s     until SIGTERM
//
// --delay needs a perfrigd with --allow-call-overrides. CPU is that of the
// whole process: lanes, hiccup meter and collector.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/target/v1/echo.pb.h"
#include "server/drivers/grpc/grpc_driver.h"
#include "server/load/generator.h"

namespace perfrig::load {
namespace {

struct Flags {
  std::string address;
  std::uint32_t users = 0;
  double rate = 0;
  std::uint32_t burst = 0;
  std::uint32_t connections = 1;
  int seconds = 5;
  int warmup = 1;
  std::size_t bytes = 100;
  std::string delay;
};

// When the first and the last call of a lane were sent, and how many.
struct Sent {
  std::uint64_t count = 0;
  Nanos first = kNever;
  Nanos last = 0;

  void Add(const Sent& other) {
    count += other.count;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
  // Calls a second from the first to the last of them.
  [[nodiscard]] double Rate() const {
    if (count < 2 || last <= first) return 0;
    return static_cast<double>(count - 1) * static_cast<double>(kSecond) /
           static_cast<double>(last - first);
  }
};

// The same Echo again and again, with the default deadline of a suite.
class EchoWorkload final : public Workload {
 public:
  EchoWorkload(const drivers::Request& request, Sent& sent)
      : request_(request), sent_(sent) {}

  std::size_t steps() const override { return 1; }
  std::size_t metrics() const override { return 0; }

  absl::Status Prepare(Iteration& /*iteration*/,
                       drivers::Request& request) override {
    if (request.path.empty()) request = request_;
    return absl::OkStatus();
  }

  void Judge(Iteration& /*iteration*/, const Answer& answer,
             Judgement& judgement) override {
    judgement.ok = answer.status == 0;
    ++sent_.count;
    sent_.first = std::min(sent_.first, answer.times.sent);
    sent_.last = std::max(sent_.last, answer.times.sent);
  }

 private:
  const drivers::Request& request_;
  Sent& sent_;
};

class EchoWorkloads final : public WorkloadFactory {
 public:
  explicit EchoWorkloads(const Flags& flags) {
    target::v1::EchoRequest message;
    message.set_text(std::string(flags.bytes, 'x'));
    request_.path = "/perfrig.target.v1.Echo/Call";
    request_.messages.push_back(message.SerializeAsString());
    request_.single_response = true;
    if (flags.burst == 0) request_.timeout = 20 * kSecond;
    if (!flags.delay.empty()) {
      request_.metadata.push_back({"perfrig-delay", flags.delay});
    }
  }

  std::unique_ptr<Workload> Create(std::size_t /*group*/,
                                   std::uint64_t /*seed*/) override {
    lanes_.push_back(std::make_unique<Sent>());
    return std::make_unique<EchoWorkload>(request_, *lanes_.back());
  }

  // Of all lanes, once the round is over.
  [[nodiscard]] Sent Total() const {
    Sent total;
    for (const auto& lane : lanes_) total.Add(*lane);
    return total;
  }

 private:
  drivers::Request request_;
  std::vector<std::unique_ptr<Sent>> lanes_;
};

v1::Load LoadOf(const Flags& flags) {
  v1::Load load;
  load.set_connections(flags.connections);
  load.set_max_in_flight(1'000'000);
  if (flags.burst > 0) {
    load.set_burst(flags.burst);
    return load;
  }
  load.mutable_duration()->set_seconds(flags.seconds);
  if (flags.rate > 0) {
    load.set_rate(flags.rate);
  } else {
    load.set_users(flags.users);
  }
  return load;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) *
             1e-6;
}

double Micros(Nanos time) {
  return static_cast<double>(time) / static_cast<double>(kMicrosecond);
}

// Judged calls are all there are, those of the warm-up included: CPU is theirs
// too. The times are those after the warm-up.
void Print(const Tally& tally, const Sent& sent, double cpu_seconds) {
  const double calls =
      static_cast<double>(std::max<std::uint64_t>(1, sent.count));
  std::printf(
      "calls=%s failed=%s dropped=%s cpu_us=%.3f rate=%.2f lag_p50_us=%.1f "
      "lag_p99_us=%.1f service_p50_us=%.1f service_p99_us=%.1f\n",
      std::to_string(sent.count).c_str(), std::to_string(tally.failed).c_str(),
      std::to_string(tally.dropped).c_str(), cpu_seconds * 1e6 / calls,
      sent.Rate(), Micros(tally.lag.Quantile(0.5)),
      Micros(tally.lag.Quantile(0.99)), Micros(tally.service.Quantile(0.5)),
      Micros(tally.service.Quantile(0.99)));
}

// Takes SIGTERM away from every thread that is made later, and waits for it.
std::stop_token StopAtSigterm() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::stop_source stop;
  std::thread([signals, stop]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.request_stop();
  }).detach();
  return stop.get_token();
}

int Measure(const Flags& flags) {
  const std::stop_token stop = StopAtSigterm();
  SystemClock clock;
  drivers::GrpcDriverFactory drivers(clock, {flags.address});
  EchoWorkloads workloads(flags);
  Round round;
  round.groups[0].load = LoadOf(flags);
  round.warmup = flags.burst > 0 ? 0 : flags.warmup * kSecond;
  // A burst is given up by signal.
  if (flags.burst > 0) round.grace = 3600 * kSecond;
  round.drivers = &drivers;
  round.workloads = &workloads;
  Generator generator(clock, {});
  const double before = CpuSeconds();
  const auto measured = generator.Run(round, {}, stop);
  if (!measured.ok()) {
    std::fprintf(stderr, "generator_bench: %s\n",
                 measured.status().ToString().c_str());
    return 1;
  }
  Print(measured->steps.front(), workloads.Total(), CpuSeconds() - before);
  return 0;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("The generator alone, against an Echo in another process.");
  app.add_option("address", flags.address, "host:port")->required();
  const auto models = app.add_option_group("load");
  models->add_option("--users", flags.users, "Closed load");
  models->add_option("--rate", flags.rate, "Open load, calls a second");
  models->add_option("--burst", flags.burst, "As many at once");
  models->require_option(1);
  app.add_option("--connections", flags.connections);
  app.add_option("--seconds", flags.seconds, "After the warm-up");
  app.add_option("--warmup", flags.warmup, "In seconds");
  app.add_option("--bytes", flags.bytes, "Of text in each message");
  app.add_option("--delay", flags.delay, "What Echo waits, such as 20ms");
  CLI11_PARSE(app, argc, argv);
  return Measure(flags);
}

}  // namespace
}  // namespace perfrig::load

int main(int argc, char** argv) { return perfrig::load::Main(argc, argv); }
