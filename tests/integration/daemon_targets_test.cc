// What a daemon puts load on: its own targets, those of others.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/daemon_fixture.h"
#include "tests/support/rude_server/rude_server.h"

namespace perfrig {
namespace {

using ::testing::HasSubstr;

std::string TextOf(const absl::Status& status) {
  return std::string(status.message());
}

TEST_F(DaemonTest, LoadGoesOnlyWhereTheOperatorAllows) {
  Start();
  v1::StartRunRequest request = ShortRun();
  request.add_targets("192.0.2.1:443");

  const auto started = StartRun(request);
  std::string text = TextOf(started.status());
  if (started.ok()) {
    const auto finished = WaitFor(started->name());
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(finished->verdict(), v1::ERROR);
    text = finished->ShortDebugString();
  }

  EXPECT_THAT(text, HasSubstr("--allow-target=192.0.2.1"));
}

TEST_F(DaemonTest, ATargetWithoutReflectionIsToldWhatToDo) {
  Start();
  const RudeServer target(
      {}, [](const RudeServer::Seen&) { return RudeServer::Status(12, ""); });
  v1::StartRunRequest request = ShortRun();
  request.add_targets(target.address());

  const auto started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();
  const auto finished = WaitFor(started->name());

  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::ERROR);
  EXPECT_EQ(
      finished->reason(),
      "ping: cannot call perfrig.target.v1.Echo/Call: " + target.address() +
          " offers no server reflection (grpc.reflection.v1 or v1alpha), "
          "by which it would tell its types; switch it on there, since "
          "descriptor sets are not read yet");
}

TEST_F(DaemonTest, AnotherDaemonIsATargetByItsAddress) {
  Start();
  auto other = Daemon::Start(clock_, FreePorts());
  ASSERT_TRUE(other.ok()) << other.status();
  v1::StartRunRequest request = ShortRun();
  request.add_targets((*other)->target_address());

  const auto started = StartRun(request);
  ASSERT_TRUE(started.ok()) << started.status();
  const auto finished = WaitFor(started->name());

  ASSERT_TRUE(finished.ok()) << finished.status();
  EXPECT_EQ(finished->verdict(), v1::PASS) << finished->ShortDebugString();
}

TEST_F(DaemonTest, TargetsAreShownChangedAndResetOnBothPorts) {
  Start();
  const auto on_target_port =
      v1::Targets::NewStub(ChannelTo(daemon_->target_address()));
  v1::UpdateBehaviorRequest update;
  update.set_name("targets/echo");
  update.mutable_behavior()->set_capacity(3);
  v1::GetTargetRequest get;
  get.set_name("targets/echo");
  v1::ResetTargetRequest reset;
  reset.set_name("targets/-");

  const auto list = Call(*targets_, &v1::Targets::Stub::ListTargets,
                         v1::ListTargetsRequest());
  const auto updated =
      Call(*targets_, &v1::Targets::Stub::UpdateBehavior, update);
  const auto seen = Call(*on_target_port, &v1::Targets::Stub::GetTarget, get);
  const auto after =
      Call(*on_target_port, &v1::Targets::Stub::ResetTarget, reset);
  const auto last = Call(*targets_, &v1::Targets::Stub::GetTarget, get);

  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_GE(list->targets_size(), 3);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_TRUE(updated->changed());
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->behavior().capacity(), 3U);
  ASSERT_TRUE(after.ok()) << after.status();
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_FALSE(last->changed());
}

TEST_F(DaemonTest, AWatchedTargetComesAgainEverySecond) {
  Start();
  grpc::ClientContext context;
  v1::WatchTargetRequest request;
  request.set_name("targets/echo");

  const auto stream = targets_->WatchTarget(&context, request);
  v1::Target target;
  EXPECT_TRUE(stream->Read(&target));
  EXPECT_TRUE(stream->Read(&target));
  context.TryCancel();
  const grpc::Status status = stream->Finish();

  EXPECT_EQ(target.name(), "targets/echo");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace perfrig
