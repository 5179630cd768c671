// Watchers: where they begin, what they are told, what they cost.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/integration/daemon_fixture.h"

namespace perfrig {
namespace {

using ::testing::SizeIs;

// More events than a run's log keeps, whatever comes between the tests.
constexpr int kMoreThanTheLogKeeps = 400;

class WatchTest : public DaemonTest {
 protected:
  // Watches from `after` on.
  struct Watcher {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::RunEvent>> stream;
  };
  std::unique_ptr<Watcher> Watch(const std::string& run, std::uint64_t after) {
    auto watcher = std::make_unique<Watcher>();
    v1::WatchRunRequest request;
    request.set_name(run);
    request.set_after_sequence(after);
    watcher->stream = runs_->WatchRun(&watcher->context, request);
    return watcher;
  }

  // What is left of a stream.
  static std::vector<v1::RunEvent> Rest(Watcher& watcher) {
    std::vector<v1::RunEvent> events;
    v1::RunEvent event;
    while (watcher.stream->Read(&event)) events.push_back(event);
    const grpc::Status status = watcher.stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return events;
  }

  // Events up to the start of test `index` of the run, which is included.
  static std::vector<v1::RunEvent> ReadToTest(Watcher& watcher,
                                              std::uint32_t index) {
    std::vector<v1::RunEvent> events;
    v1::RunEvent event;
    while (watcher.stream->Read(&event)) {
      events.push_back(event);
      if (event.test_started().index() == index) return events;
    }
    ADD_FAILURE() << "ended before test " << index;
    return events;
  }

  // `quick` tests of one call, and one that goes on until it is cancelled.
  static v1::StartRunRequest QuickTestsAndALongOne(int quick) {
    std::string text = "suite: several\ntests:\n";
    const auto add = [&](int number, const std::string& load) {
      absl::StrAppend(&text, "  t", number,
                      ": {call: perfrig.target.v1.Echo/Call, load: {", load,
                      "}}\n");
    };
    for (int i = 1; i <= quick; ++i) add(i, "users: 1, iterations: 1");
    add(quick + 1, "rate: 20/s, duration: 600s");
    v1::StartRunRequest request;
    request.add_sources()->set_text(text);
    return request;
  }

  std::string StartAndName(const v1::StartRunRequest& request) {
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? started->name() : "";
  }
};

TEST_F(WatchTest, AWatcherResumesInTheMiddleOfARunAtWork) {
  Start();
  const std::string run = StartAndName(QuickTestsAndALongOne(5));
  const auto first = Watch(run, 0);
  const std::vector<v1::RunEvent> seen = ReadToTest(*first, 6);
  ASSERT_GT(seen.size(), 8U);

  const auto second = Watch(run, seen[4].sequence());
  const std::vector<v1::RunEvent> again = ReadToTest(*second, 6);

  ASSERT_THAT(again, SizeIs(seen.size() - 5));
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].SerializeAsString(), seen[i + 5].SerializeAsString());
  }
  EXPECT_TRUE(CancelRun(run).ok());
  EXPECT_EQ(Rest(*second).back().finished().verdict(), v1::CANCELLED);
}

TEST_F(WatchTest, AllWatchersAreToldTheSame) {
  Start();
  const std::string run = StartAndName(QuickTestsAndALongOne(3));
  std::vector<std::unique_ptr<Watcher>> watchers;
  std::vector<std::future<std::vector<v1::RunEvent>>> told;
  for (int i = 0; i < 5; ++i) {
    watchers.push_back(Watch(run, 0));
    told.push_back(
        std::async(std::launch::async,
                   [&watcher = *watchers.back()] { return Rest(watcher); }));
  }
  ReadToTest(*Watch(run, 0), 4);

  EXPECT_TRUE(CancelRun(run).ok());

  const std::vector<v1::RunEvent> first = told[0].get();
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first.back().finished().verdict(), v1::CANCELLED);
  for (std::size_t i = 1; i < told.size(); ++i) {
    const std::vector<v1::RunEvent> other = told[i].get();
    ASSERT_THAT(other, SizeIs(first.size()));
    for (std::size_t j = 0; j < first.size(); ++j) {
      EXPECT_EQ(other[j].SerializeAsString(), first[j].SerializeAsString());
    }
  }
}

TEST_F(WatchTest, ANumberThatDoesNotExistYetWaitsForTheNextEvent) {
  Start();
  const std::string run = StartAndName(QuickTestsAndALongOne(3));
  const std::uint64_t last = ReadToTest(*Watch(run, 0), 4).back().sequence();

  const auto ahead = Watch(run, 1'000'000);
  v1::RunEvent event;
  ASSERT_TRUE(ahead->stream->Read(&event));

  EXPECT_GT(event.sequence(), last);
  EXPECT_TRUE(CancelRun(run).ok());
  EXPECT_TRUE(Rest(*ahead).back().has_finished());
}

TEST_F(WatchTest, ARunAtWorkShowsTheProgressThatItsWatchersSee) {
  Start();
  const std::string run = StartAndName(EchoRun("{rate: 20/s, duration: 60s}"));
  const auto watcher = Watch(run, 0);
  v1::RunEvent event;
  while (!event.has_snapshot() && watcher->stream->Read(&event)) {
  }
  ASSERT_TRUE(event.has_snapshot());

  const auto shown = GetRun(run);
  const auto list =
      Call(*runs_, &v1::Runs::Stub::ListRuns, v1::ListRunsRequest());

  EXPECT_GT(event.snapshot().progress(), 0);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_GE(shown->progress(), event.snapshot().progress());
  EXPECT_GT(shown->remaining().seconds(), 0);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_GE(list->runs(0).progress(), event.snapshot().progress());
  EXPECT_TRUE(CancelRun(run).ok());
  EXPECT_TRUE(WaitFor(run).ok());
}

TEST_F(WatchTest, AWatcherThatComesTooLateGetsTheFullStateFirst) {
  Start();
  const std::string run =
      StartAndName(QuickTestsAndALongOne(kMoreThanTheLogKeeps));
  const std::uint64_t last =
      ReadToTest(*Watch(run, 0), kMoreThanTheLogKeeps + 1).back().sequence();

  const auto late = Watch(run, 1);
  v1::RunEvent state;
  ASSERT_TRUE(late->stream->Read(&state));
  EXPECT_TRUE(CancelRun(run).ok());
  const std::vector<v1::RunEvent> rest = Rest(*late);

  ASSERT_TRUE(state.has_run()) << state.ShortDebugString().substr(0, 200);
  EXPECT_GE(state.sequence(), last);
  EXPECT_EQ(state.run().state(), v1::RUNNING);
  ASSERT_EQ(state.run().suites_size(), 1);
  EXPECT_THAT(state.run().suites(0).tests(), SizeIs(kMoreThanTheLogKeeps + 1));
  ASSERT_FALSE(rest.empty());
  EXPECT_GT(rest.front().sequence(), state.sequence());
  EXPECT_TRUE(rest.back().has_finished());
}

TEST_F(WatchTest, AnOlderRunIsToldByItsEnd) {
  Start();
  const std::string older = StartAndName(ShortRun());
  ASSERT_TRUE(WaitFor(older).ok());
  const std::string newer = StartAndName(ShortRun());
  ASSERT_TRUE(WaitFor(newer).ok());

  // The log lets go of the older one's events once the newer one is done.
  std::vector<v1::RunEvent> events;
  const Nanos give_up = clock_.Now() + 30 * kSecond;
  do {
    events = Rest(*Watch(older, 1));
  } while (events.size() > 1 && clock_.Now() < give_up);

  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].finished().verdict(), v1::PASS);
}

}  // namespace
}  // namespace perfrig
