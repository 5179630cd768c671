#include "server/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Command> Read(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "perfrigd");
  return ReadCommandLine(static_cast<int>(arguments.size()), arguments.data(),
                         [](const char*) -> const char* { return nullptr; });
}

TEST(CommandLine, FlagsSetTheConfiguration) {
  const auto command =
      Read({"--control-address", "127.0.0.1:0", "--drain-timeout=1s",
            "--allow-call-overrides", "--lanes", "2"});

  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_FALSE(command->text.has_value());
  EXPECT_EQ(command->config.control_address, "127.0.0.1:0");
  EXPECT_EQ(command->config.drain_timeout, absl::Seconds(1));
  EXPECT_TRUE(command->config.allow_call_overrides);
  EXPECT_EQ(command->config.lanes, 2U);
}

TEST(CommandLine, AListFlagCanBeRepeatedOrCutByCommas) {
  const auto command =
      Read({"--allow-target", "self,loopback", "--allow-target", "10.0.0.0/8"});

  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_THAT(command->config.allow_target,
              ElementsAre("self", "loopback", "10.0.0.0/8"));
}

TEST(CommandLine, TheLastOfRepeatedFlagsWins) {
  const auto command = Read({"--lanes=1", "--lanes=3"});

  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_EQ(command->config.lanes, 3U);
}

TEST(CommandLine, HelpNamesUnitsRangesDefaultsAndVariables) {
  const auto command = Read({"--help"});

  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_THAT(*command->text, HasSubstr("--drain-timeout TIME"));
  EXPECT_THAT(*command->text, HasSubstr("0s to 24h"));
  EXPECT_THAT(*command->text, HasSubstr("Default: 30s"));
  EXPECT_THAT(*command->text, HasSubstr("[PERFRIG_DRAIN_TIMEOUT]"));
}

TEST(CommandLine, TheVersionIsPrinted) {
  const auto command = Read({"--version"});

  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_THAT(*command->text, HasSubstr("perfrigd " PERFRIG_VERSION));
}

TEST(CommandLine, AnUnknownFlagIsRefused) {
  EXPECT_THAT(std::string(Read({"--lane=1"}).status().message()),
              HasSubstr("--lane=1"));
}

TEST(CommandLine, TheFileIsReadWhereAFlagNamesIt) {
  const std::string file = ::testing::TempDir() + "/perfrigd_flag.yaml";
  std::ofstream(file) << "lanes: 7\nqueue-limit: 5\n";

  const auto command = Read({"--config", file.c_str(), "--lanes=2"});

  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_EQ(command->config.lanes, 2U);
  EXPECT_EQ(command->config.queue_limit, 5U);
}

TEST(CommandLine, AFileThatIsNotThereIsAnError) {
  EXPECT_THAT(std::string(Read({"--config=/no/such"}).status().message()),
              HasSubstr("cannot read \"/no/such\""));
}

}  // namespace
}  // namespace perfrig
