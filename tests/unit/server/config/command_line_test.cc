#include "server/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

absl::StatusOr<Command> Read(std::vector<const char*> arguments,
                             const Variables& variables = {}) {
  arguments.insert(arguments.begin(), "perfrigd");
  return ReadCommandLine(
      static_cast<int>(arguments.size()), arguments.data(),
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      });
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

TEST(CommandLine, TheKeysOfABucketMayBeInTheEnvironment) {
  const Variables keys = {{"AWS_ACCESS_KEY_ID", "me"},
                          {"AWS_SECRET_ACCESS_KEY", "a/b"}};
  const auto url = [](const absl::StatusOr<Command>& command) {
    return command.ok() ? command->config.s3
                        : std::string(command.status().message());
  };

  EXPECT_EQ(url(Read({"--s3", "http://h:1/b"}, keys)), "http://me:a/b@h:1/b");
  EXPECT_EQ(url(Read({"--s3", "http://x:y@h/b"}, keys)), "http://x:y@h/b");
  EXPECT_EQ(url(Read({}, {{"PERFRIG_S3", "http://x:y@h/b"}})),
            "http://x:y@h/b");
  EXPECT_EQ(url(Read({}, keys)), "");
  EXPECT_THAT(url(Read({"--s3", "http://h/b"})),
              HasSubstr("--s3 must have ACCESS:SECRET@ before the host, or "
                        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  EXPECT_EQ(url(Read({"--s3", "http://x:y@h"})),
            "--s3 must be http[s]://[ACCESS:SECRET@]HOST[:PORT]/BUCKET"
            "[?region=REGION]: no bucket");
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
