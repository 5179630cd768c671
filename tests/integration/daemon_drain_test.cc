// How runs and a daemon end, whatever they wait for.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <string>
#include <vector>

#include "tests/integration/daemon_fixture.h"
#include "tests/support/rude_server/rude_server.h"

namespace perfrig {
namespace {

// Targets that keep a run waiting, each in its way.
class SilentTargets {
 public:
  SilentTargets() {
    // A queue of connections that is full: the kernel answers no more of them.
    fd_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    auto* address = reinterpret_cast<sockaddr*>(&name);
    EXPECT_EQ(bind(fd_, address, size), 0);
    EXPECT_EQ(listen(fd_, 0), 0);
    getsockname(fd_, address, &size);
    for (int& caller : callers_) {
      caller = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      EXPECT_TRUE(connect(caller, address, size) == 0 || errno == EINPROGRESS);
    }
    full_ = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
  }
  ~SilentTargets() {
    for (const int caller : callers_) close(caller);
    close(fd_);
  }

  SilentTargets(const SilentTargets&) = delete;
  SilentTargets& operator=(const SilentTargets&) = delete;

  [[nodiscard]] std::vector<std::string> addresses() const {
    return {mute_.address(), hanging_.address(), full_};
  }

 private:
  // Takes connections and says nothing.
  RudeServer mute_{{.sends_settings = false}, RudeServer::EchoBack};
  // Takes calls and never answers them.
  RudeServer hanging_{{}, [](const RudeServer::Seen&) {
                        RudeServer::Reply reply;
                        reply.hangs = true;
                        return reply;
                      }};
  int fd_ = -1;
  int callers_[4] = {};
  std::string full_;
};

TEST_F(DaemonTest, ARunThatWaitsForItsTargetEndsSoonAfterItIsCancelled) {
  Start();
  const SilentTargets silent;
  for (const std::string& address : silent.addresses()) {
    v1::StartRunRequest request = LongRun();
    request.add_targets(address);
    const auto started = StartRun(request);
    ASSERT_TRUE(started.ok()) << started.status();
    // Until it waits.
    clock_.SleepUntil(clock_.Now() + 200 * kMillisecond);
    ASSERT_EQ(GetRun(started->name())->state(), v1::RUNNING) << address;

    const Nanos begin = clock_.Now();
    ASSERT_TRUE(CancelRun(started->name()).ok());
    const auto finished = WaitFor(started->name());

    EXPECT_LT(clock_.Now() - begin, 3 * kSecond) << address;
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(finished->verdict(), v1::CANCELLED) << address;
  }
}

TEST_F(DaemonTest, DrainingDoesNotWaitForASilentTarget) {
  const SilentTargets silent;
  for (const std::string& address : silent.addresses()) {
    Start();
    v1::StartRunRequest request = LongRun();
    request.add_targets(address);
    ASSERT_TRUE(StartRun(request).ok());
    clock_.SleepUntil(clock_.Now() + 200 * kMillisecond);

    const Nanos begin = clock_.Now();
    daemon_->Drain(absl::ZeroDuration());

    EXPECT_LT(clock_.Now() - begin, 3 * kSecond) << address;
  }
}

TEST_F(DaemonTest, DrainingEndsACalibration) {
  Start();
  auto calibrated = std::async(std::launch::async, [&] {
    return Call(*rig_, &v1::Rig::Stub::Calibrate, v1::CalibrateRequest());
  });
  clock_.SleepUntil(clock_.Now() + 200 * kMillisecond);

  const Nanos begin = clock_.Now();
  daemon_->Drain(absl::ZeroDuration());
  const auto calibration = calibrated.get();

  EXPECT_LT(clock_.Now() - begin, 4 * kSecond);
  EXPECT_FALSE(calibration.ok());
}

TEST_F(DaemonTest, DrainingTellsWatchersAndTakesNoNewRuns) {
  Start();
  const auto started = StartRun(LongRun());
  ASSERT_TRUE(started.ok()) << started.status();
  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_name(started->name());
  const auto stream = runs_->WatchRun(&context, request);
  v1::RunEvent event;
  ASSERT_TRUE(stream->Read(&event));
  auto watched =
      std::async(std::launch::async, [&] { return ReadAll(*stream); });

  daemon_->Drain(absl::ZeroDuration());
  const auto last = watched.get();

  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->finished().verdict(), v1::CANCELLED);
  EXPECT_FALSE(StartRun(ShortRun()).ok());
}

TEST_F(DaemonTest, DrainingLetsARunFinishWithinItsTime) {
  Start();
  const auto started = StartRun(ShortRun());
  ASSERT_TRUE(started.ok()) << started.status();
  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_name(started->name());
  const auto stream = runs_->WatchRun(&context, request);
  v1::RunEvent event;
  ASSERT_TRUE(stream->Read(&event));
  auto watched =
      std::async(std::launch::async, [&] { return ReadAll(*stream); });

  daemon_->Drain(absl::Seconds(30));
  const auto last = watched.get();

  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->finished().verdict(), v1::PASS);
}

TEST_F(DaemonTest, DrainingTellsWatchersHowLongTheirRunHas) {
  Start();
  const auto started = StartRun(LongRun());
  ASSERT_TRUE(started.ok()) << started.status();
  grpc::ClientContext context;
  v1::WatchRunRequest request;
  request.set_name(started->name());
  const auto stream = runs_->WatchRun(&context, request);
  v1::RunEvent event;
  ASSERT_TRUE(stream->Read(&event));
  auto drained = std::async(std::launch::async,
                            [&] { daemon_->Drain(absl::Seconds(30)); });

  while (stream->Read(&event) && !event.has_note()) {
  }

  EXPECT_EQ(event.note(), "the daemon is shutting down; this run has 30 s");
  v1::CancelRunRequest cancel;
  cancel.set_name(started->name());
  EXPECT_TRUE(Call(*runs_, &v1::Runs::Stub::CancelRun, cancel).ok());
  EXPECT_TRUE(ReadAll(*stream).ok());
  drained.get();
}

}  // namespace
}  // namespace perfrig
