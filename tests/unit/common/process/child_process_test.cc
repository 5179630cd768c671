#include "common/process/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "common/time/clock.h"

namespace perfrig {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ChildProcess::Command Shell(const std::string& script) {
  return {"/bin/sh", {"-c", script}, {"PATH=/bin:/usr/bin", "NAME=value"}};
}

std::unique_ptr<ChildProcess> Started(const std::string& script) {
  auto child = ChildProcess::Start(Shell(script));
  EXPECT_TRUE(child.ok()) << child.status();
  return *std::move(child);
}

TEST(ReadyFieldTest, FindsItsKey) {
  const std::string line = "control=127.0.0.1:1 http=127.0.0.1:2 target=x\n";

  EXPECT_EQ(ReadyField(line, "control"), "127.0.0.1:1");
  EXPECT_EQ(ReadyField(line, "target"), "x");
  EXPECT_EQ(ReadyField(line, "cont"), "");
}

TEST(ChildProcessTest, WaitsForItsLineAndEndsIt) {
  auto child = Started("echo \"target=$NAME\" >&3; cat <&4");
  const pid_t id = child->id();

  const auto line = child->WaitUntilReady(absl::Seconds(20));

  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(ReadyField(*line, "target"), "value");
  EXPECT_TRUE(child->Runs());
  child.reset();
  EXPECT_NE(kill(id, 0), 0);
}

TEST(ChildProcessTest, AChildHasNoneOfOurFiles) {
  // One that no library would close.
  const int file = open("/dev/null", O_RDONLY);
  // Nor one that the shell has for a moment.
  const int ours = fcntl(file, F_DUPFD, 100);
  ASSERT_GE(ours, 100);
  auto child =
      Started("ls /proc/$$/fd | tr '\\n' ' ' >&2; echo x >&3; cat <&4");

  ASSERT_TRUE(child->WaitUntilReady(absl::Seconds(20)).ok());

  EXPECT_THAT(child->LogTail(), HasSubstr("0 1 2 3 4 5"));
  EXPECT_THAT(child->LogTail(), Not(HasSubstr(std::to_string(ours))));
  close(ours);
  close(file);
}

TEST(ChildProcessTest, ShowsTheLogOfOneThatEndsInstead) {
  auto child = Started("echo 'no port left' >&2; exit 1");

  const auto line = child->WaitUntilReady(absl::Seconds(20));

  EXPECT_THAT(std::string(line.status().message()),
              HasSubstr("ended as it started; its log ends with:\nno port"));
}

TEST(ChildProcessTest, WaitingEndsWhenItIsRequestedTo) {
  auto child = Started("cat <&4");
  std::stop_source stop;
  stop.request_stop();

  const auto line =
      child->WaitUntilReady(absl::InfiniteDuration(), stop.get_token());

  EXPECT_TRUE(absl::IsCancelled(line.status()));
}

TEST(ChildProcessTest, AnswersWhatItIsAsked) {
  auto child = Started(
      "while read word <&5; do\n"
      "  test $word != nothing && printf 'you said\\n%s\\n' $word >&5\n"
      "  echo >&5\n"
      "done");

  const auto something = child->Ask("something", absl::Seconds(20));
  const auto nothing = child->Ask("nothing", absl::Seconds(20));

  ASSERT_TRUE(something.ok()) << something.status();
  EXPECT_THAT(*something, ElementsAre("you said", "something"));
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_THAT(*nothing, IsEmpty());
  // It waits for requests, and for nobody to send any.
  child->AskToEnd();
  kill(child->id(), SIGTERM);
}

TEST(ChildProcessTest, OneThatHasGoneAnswersNothing) {
  auto child = Started("echo gone >&2; exit 1");

  const auto answer = child->Ask("something", absl::Seconds(20));

  EXPECT_THAT(std::string(answer.status().message()),
              HasSubstr("does not answer \"something\""));
}

TEST(ChildProcessTest, ItEndsWhenItsOwnerIsKilled) {
  int ids[2];
  ASSERT_EQ(pipe(ids), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    auto child = ChildProcess::Start(Shell("echo x >&3; cat <&4"));
    const pid_t id =
        child.ok() && (*child)->WaitUntilReady(absl::Seconds(20)).ok()
            ? (*child)->id()
            : -1;
    if (write(ids[1], &id, sizeof(id)) != sizeof(id)) _exit(1);
    for (;;) pause();
  }
  pid_t child = -1;
  ASSERT_EQ(read(ids[0], &child, sizeof(child)), sizeof(child));
  ASSERT_GT(child, 0);
  ASSERT_EQ(kill(child, 0), 0);

  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);

  // Whoever takes orphans in may leave it as a zombie.
  const auto gone = [&] {
    char state = 'Z';
    if (FILE* file =
            fopen(("/proc/" + std::to_string(child) + "/stat").c_str(), "r")) {
      if (fscanf(file, "%*d %*s %c", &state) != 1) state = 'Z';
      fclose(file);
    }
    return state == 'Z';
  };
  SystemClock clock;
  for (int i = 0; i < 200 && !gone(); ++i) {
    clock.SleepUntil(clock.Now() + 50 * kMillisecond);
  }
  EXPECT_TRUE(gone());
  close(ids[0]);
  close(ids[1]);
}

}  // namespace
}  // namespace perfrig
