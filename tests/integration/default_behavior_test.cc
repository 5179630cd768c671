// The behavior that targets have at the start and after a reset: --behavior.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

class DefaultBehaviorTest : public DaemonTest {
 protected:
  ~DefaultBehaviorTest() override { std::filesystem::remove(path_); }

  Config With(const std::string& behavior) {
    std::ofstream(path_) << behavior;
    Config config = FreePorts();
    config.behavior = path_;
    return config;
  }
  std::string Refusal(const std::string& behavior) {
    const auto daemon = Daemon::Start(clock_, With(behavior));
    EXPECT_EQ(daemon.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(daemon.status().message());
  }
  v1::Target Get(const std::string& name) {
    v1::GetTargetRequest request;
    request.set_name(name);
    const auto target = Call(*targets_, &v1::Targets::Stub::GetTarget, request);
    EXPECT_TRUE(target.ok()) << target.status();
    return target.ok() ? *target : v1::Target();
  }

  const std::string path_ = ::testing::TempDir() + "default_behavior.yaml";
};

TEST_F(DefaultBehaviorTest, HoldsFromTheStartAndAfterAReset) {
  Start(
      With("echo: {delay: 3ms, capacity: 7}\n"
           "config: {cache_bytes: 1MB}\n"));
  EXPECT_EQ(Get("targets/echo").behavior().capacity(), 7U);
  v1::UpdateBehaviorRequest change;
  change.set_name("targets/echo");
  change.mutable_behavior()->set_capacity(9);
  ASSERT_TRUE(Call(*targets_, &v1::Targets::Stub::UpdateBehavior, change).ok());
  v1::ResetTargetRequest reset;
  reset.set_name("targets/-");
  ASSERT_TRUE(Call(*targets_, &v1::Targets::Stub::ResetTarget, reset).ok());

  const v1::Target echo = Get("targets/echo");
  EXPECT_EQ(echo.behavior().capacity(), 7U);
  EXPECT_EQ(echo.behavior().delay().fixed().nanos(), 3'000'000);
  EXPECT_FALSE(echo.changed());
  const v1::Target config = Get("targets/config");
  EXPECT_EQ(config.behavior().config().cache_bytes(), 1'000'000U);
  // What the file does not say is the target's own.
  EXPECT_EQ(config.behavior().config().cache_ttl().seconds(), 300);
}

TEST_F(DefaultBehaviorTest, AMistakeStopsTheStartAndIsToldWithItsPlace) {
  EXPECT_EQ(Refusal("echo:\n"
                    "  capacty: 7\n"
                    "  load_factor: -1\n"
                    "databse: {capacity: 1}\n"),
            path_ +
                ":2:3: echo.capacty unknown key (did you mean capacity?)\n" +
                path_ + ":3:16: echo.load_factor must be 0 to 1,000, got -1\n" +
                path_ + ":4:1: databse is no target (did you mean database?)");
}

TEST_F(DefaultBehaviorTest, ARealBackEndThatNoFlagNamesStopsTheStart) {
  EXPECT_NE(Refusal("database: {back_end: real}\n").find("--postgresql"),
            std::string::npos);
}

TEST_F(DefaultBehaviorTest, AFileThatIsNotThereStopsTheStart) {
  Config config = FreePorts();
  config.behavior = "/nowhere/behavior.yaml";

  const auto daemon = Daemon::Start(clock_, config);

  EXPECT_EQ(daemon.status().message(),
            "--behavior: cannot read \"/nowhere/behavior.yaml\"");
}

}  // namespace
}  // namespace perfrig
