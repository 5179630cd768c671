#include "client/daemon/local_daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace perfrig {
namespace {

using ::testing::HasSubstr;

// A shell script in the daemon's place.
class Script {
 public:
  explicit Script(const std::string& body)
      : path_(::testing::TempDir() + "local_daemon_test_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::ofstream(path_) << "#!/bin/sh\n" << body;
    chmod(path_.c_str(), 0700);
  }
  ~Script() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(LocalDaemonTest, LearnsTheAddressAndEndsTheDaemon) {
  const std::string ended = ::testing::TempDir() + "local_daemon_test_ended";
  std::filesystem::remove(ended);
  // Ends when the exit pipe closes, as perfrigd does.
  const Script script(
      "echo 'control=127.0.0.1:4711 http=a target=b' >&3\n"
      "cat <&4\n"
      "echo \"$@\" > " +
      ended + "\n");
  {
    const auto daemon = LocalDaemon::Start(
        script.path(), {"--allow-target", "db:1"}, absl::Seconds(10));
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    EXPECT_EQ((*daemon)->control_address(), "127.0.0.1:4711");
    EXPECT_FALSE(std::filesystem::exists(ended));
  }

  std::ifstream file(ended);
  std::string flags;
  std::getline(file, flags);
  EXPECT_EQ(flags,
            "--control-address 127.0.0.1:0 --http-address 127.0.0.1:0 "
            "--target-address 127.0.0.1:0 --ready-fd 3 --exit-with-fd 4 "
            "--allow-target db:1");
  std::filesystem::remove(ended);
}

TEST(LocalDaemonTest, ShowsTheLogOfADaemonThatDoesNotStart) {
  const Script script("echo 'cannot listen on 127.0.0.1:0' >&2; exit 1\n");

  const auto daemon = LocalDaemon::Start(script.path(), {}, absl::Seconds(10));

  ASSERT_FALSE(daemon.ok());
  EXPECT_THAT(std::string(daemon.status().message()),
              HasSubstr("cannot listen on 127.0.0.1:0"));
}

TEST(LocalDaemonTest, DoesNotWaitForEverForADaemonThatIsSilent) {
  const Script script("cat <&4\n");

  const auto daemon =
      LocalDaemon::Start(script.path(), {}, absl::Milliseconds(50));

  ASSERT_FALSE(daemon.ok());
  EXPECT_THAT(std::string(daemon.status().message()),
              HasSubstr("does not become ready"));
}

TEST(LocalDaemonTest, NamesAProgramThatIsNotThere) {
  const auto daemon =
      LocalDaemon::Start("/nowhere/perfrigd", {}, absl::Seconds(10));

  ASSERT_FALSE(daemon.ok());
  EXPECT_THAT(std::string(daemon.status().message()),
              HasSubstr("/nowhere/perfrigd"));
}

TEST(FindDaemonTest, BelievesTheEnvironmentFirst) {
  setenv("PERFRIGD", "/nowhere/perfrigd", 1);
  EXPECT_THAT(std::string(FindDaemon().status().message()),
              HasSubstr("PERFRIGD names /nowhere/perfrigd"));

  setenv("PERFRIGD", "/bin/sh", 1);
  EXPECT_EQ(*FindDaemon(), "/bin/sh");
  unsetenv("PERFRIGD");
}

}  // namespace
}  // namespace perfrig
