// The ConnectionPool target.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/connection_pool.grpc.pb.h"
#include "server/targets/behavior/delay_sampler.h"
#include "tests/integration/hosted_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using Stub = api::ConnectionPool::Stub;
using Code = absl::StatusCode;

class ConnectionPoolTest : public HostedTest {
 protected:
  absl::Status Acquire(api::Lease& lease, const std::string& request = "") {
    return Call(*stub_, &Stub::Acquire, request, lease);
  }
  absl::Status Release(const std::string& lease,
                       const std::string& holder = "") {
    api::ReleaseResponse response;
    return Call(*stub_, &Stub::Release,
                "lease: '" + lease + "' holder: '" + holder + "'", response);
  }
  absl::Status Use(const std::string& request,
                   api::UseResponse* response = nullptr) {
    api::UseResponse ignored;
    return Call(*stub_, &Stub::Use, request,
                response != nullptr ? *response : ignored);
  }
  api::StatsResponse Stats() {
    api::StatsResponse stats;
    EXPECT_TRUE(Call(*stub_, &Stub::Stats, "", stats).ok());
    return stats;
  }

  std::unique_ptr<Stub> stub_ = api::ConnectionPool::NewStub(channel_);
};

TEST_F(ConnectionPoolTest, AConnectionIsUsedAgainAndNoneOpenedAnew) {
  api::UseResponse first;
  api::UseResponse second;
  ASSERT_TRUE(Use("", &first).ok());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(Use("", &second).ok());

  EXPECT_FALSE(first.reused());
  EXPECT_TRUE(second.reused());
  EXPECT_EQ(second.connection(), first.connection());
  const auto stats = Stats();
  EXPECT_EQ(stats.size(), 20);
  EXPECT_EQ(stats.acquired(), 51);
  EXPECT_EQ(stats.opened(), 1);
  EXPECT_EQ(stats.reused(), 50);
  EXPECT_EQ(stats.in_use(), 0);
  EXPECT_EQ(stats.idle(), 1);
}

TEST_F(ConnectionPoolTest, ALookAtThePoolIsNoCall) {
  ASSERT_TRUE(Use("").ok());
  Stats();

  EXPECT_EQ(StatisticsOf("connection_pool").started(), 1U);
}

TEST_F(ConnectionPoolTest, HoldingAndOpeningAreDelaysOfItsOwn) {
  Set("connection_pool", "connection_pool { open { nanos: 2000000 } }");

  ASSERT_TRUE(Use("hold { nanos: 3000000 }").ok());

  const auto statistics = StatisticsOf("connection_pool");
  EXPECT_EQ(statistics.injected().count(), 2U);
  EXPECT_EQ(statistics.lateness().count(), 2U);
}

TEST_F(ConnectionPoolTest, ALeaseWhoseAnswerDoesNotArriveIsNotHeld) {
  // Its answer would take minutes.
  Set("connection_pool", "bytes_per_second: 0.1");
  api::Lease lease;
  grpc::ClientContext context;
  context.set_deadline(
      absl::ToChronoTime(clock_.WallTime() + absl::Milliseconds(100)));

  const absl::Status status = Call(*stub_, &Stub::Acquire, "", lease, context);

  EXPECT_EQ(status.code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(Eventually([&] { return Stats().in_use() == 0; }));
  EXPECT_EQ(Stats().acquired(), 1U);
}

TEST_F(ConnectionPoolTest, WithoutAWaitWhoFindsNoneFreeIsRefusedAtOnce) {
  std::atomic<int> ok = 0;
  std::atomic<int> refused = 0;
  std::vector<api::Lease> leases(20);
  for (api::Lease& lease : leases) ASSERT_TRUE(Acquire(lease).ok());
  std::vector<std::thread> callers;

  for (int i = 0; i < 30; ++i) {
    callers.emplace_back([&] {
      const auto code = Use("hold { nanos: 1000000 } wait {}").code();
      if (code == Code::kOk) ++ok;
      if (code == Code::kResourceExhausted) ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(ok, 0);
  EXPECT_EQ(refused, 30);
  const auto stats = Stats();
  EXPECT_EQ(stats.refused(), 30);
  EXPECT_EQ(stats.exhaustions(), 1);
  EXPECT_EQ(stats.timeouts(), 0);
}

TEST_F(ConnectionPoolTest, WhoWaitsInVainIsToldSoAfterTheWait) {
  Set("connection_pool", "connection_pool { connections: 1 }");
  api::Lease lease;
  ASSERT_TRUE(Acquire(lease).ok());
  const Nanos start = clock_.Now();

  const absl::Status status = Use("wait { nanos: 50000000 }");

  EXPECT_EQ(status.code(), Code::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("for one of 1 connections"));
  EXPECT_GE(clock_.Now() - start, 50 * kMillisecond);
  EXPECT_EQ(Stats().timeouts(), 1);
}

TEST_F(ConnectionPoolTest, ThoseWhoWaitAreServedInOrder) {
  Set("connection_pool", "connection_pool { connections: 1 }");
  api::Lease lease;
  ASSERT_TRUE(Acquire(lease).ok());
  std::vector<std::thread> callers;
  for (std::size_t i = 0; i < 10; ++i) {
    callers.emplace_back([&, i] {
      api::Lease next;
      EXPECT_TRUE(Acquire(next).ok());
      // Of the one connection, after the first lease: numbered in order.
      EXPECT_THAT(next.lease(), EndsWith("-0-" + std::to_string(i + 2)));
      EXPECT_TRUE(Release(next.lease()).ok());
    });
    ASSERT_TRUE(Eventually([&] { return Stats().waiting() == i + 1; }));
  }

  ASSERT_TRUE(Release(lease.lease()).ok());
  for (std::thread& caller : callers) caller.join();

  const auto stats = Stats();
  EXPECT_EQ(stats.waits(), 10);
  EXPECT_EQ(stats.opened(), 1);
  EXPECT_GT(ToNanos(stats.longest_wait()), 0);
  EXPECT_GE(ToNanos(stats.waited()), ToNanos(stats.longest_wait()));
}

TEST_F(ConnectionPoolTest, ALeaseThatIsNotGivenBackExpires) {
  Set("connection_pool",
      "connection_pool { connections: 2 lease { nanos: 30000000 } }");
  api::Lease first;
  api::Lease second;
  ASSERT_TRUE(Acquire(first).ok());
  ASSERT_TRUE(Acquire(second).ok());
  EXPECT_EQ(ToNanos(first.expires_in()), 30 * kMillisecond);

  api::Lease third;
  ASSERT_TRUE(Acquire(third).ok());
  ASSERT_TRUE(Eventually([&] { return Stats().in_use() == 0; }));

  EXPECT_GT(ToNanos(third.waited()), 0);
  EXPECT_EQ(Stats().expired(), 3);
  EXPECT_TRUE(Stats().has_recovery());
  const absl::Status late = Release(second.lease());
  EXPECT_EQ(late.code(), Code::kFailedPrecondition);
}

TEST_F(ConnectionPoolTest, ALeaseIsGivenBackOnceAndByItsHolder) {
  api::Lease lease;
  ASSERT_TRUE(Acquire(lease, "holder: 'a'").ok());

  EXPECT_EQ(Release(lease.lease(), "b").code(), Code::kPermissionDenied);
  EXPECT_EQ(Release("19-1", "a").code(), Code::kNotFound);
  EXPECT_EQ(Release("nonsense", "a").code(), Code::kNotFound);
  EXPECT_TRUE(Release(lease.lease(), "a").ok());
  EXPECT_EQ(Release(lease.lease(), "a").code(), Code::kFailedPrecondition);

  const auto stats = Stats();
  EXPECT_EQ(stats.foreign_releases(), 3);
  EXPECT_EQ(stats.double_releases(), 1);
  EXPECT_EQ(stats.in_use(), 0);
}

TEST_F(ConnectionPoolTest, ACancelledCallLeavesTheQueueOrGivesBack) {
  Set("connection_pool", "connection_pool { connections: 1 }");
  grpc::ClientContext using_one;
  grpc::ClientContext waiting;
  const auto use = [&](grpc::ClientContext& context) {
    return std::thread([&] {
      api::UseResponse response;
      EXPECT_EQ(
          Call(*stub_, &Stub::Use,
               "hold { seconds: 600 } wait { seconds: 600 }", response, context)
              .code(),
          Code::kCancelled);
    });
  };
  std::thread first = use(using_one);
  ASSERT_TRUE(Eventually([&] { return Stats().in_use() == 1; }));
  std::thread second = use(waiting);
  ASSERT_TRUE(Eventually([&] { return Stats().waiting() == 1; }));

  waiting.TryCancel();
  second.join();
  EXPECT_TRUE(Eventually([&] { return Stats().waiting() == 0; }));
  EXPECT_EQ(Stats().in_use(), 1);
  using_one.TryCancel();
  first.join();

  EXPECT_TRUE(Eventually([&] { return Stats().in_use() == 0; }));
  EXPECT_TRUE(Use("wait {}").ok());
}

TEST_F(ConnectionPoolTest, OpeningAConnectionTakesItsTimeOnce) {
  Set("connection_pool", "connection_pool { open { nanos: 40000000 } }");
  const auto phases = [&] {
    grpc::ClientContext context;
    api::UseResponse response;
    EXPECT_TRUE(Call(*stub_, &Stub::Use, "", response, context).ok());
    return TrailerOf(context, "perfrig-phases");
  };

  EXPECT_THAT(phases(), HasSubstr("connect="));
  EXPECT_THAT(phases(), Not(HasSubstr("connect=")));
}

TEST_F(ConnectionPoolTest, OnlyAsManyWaitAsTheQueueLimitAllows) {
  Set("connection_pool",
      "queue_limit: 1 connection_pool { connections: 1 wait { seconds: 60 } }");
  api::Lease lease;
  ASSERT_TRUE(Acquire(lease).ok());
  std::thread waits([&] { EXPECT_TRUE(Use("").ok()); });
  ASSERT_TRUE(Eventually([&] { return Stats().waiting() == 1; }));

  EXPECT_EQ(Use("").code(), Code::kResourceExhausted);
  ASSERT_TRUE(Release(lease.lease()).ok());
  waits.join();
}

TEST_F(ConnectionPoolTest, AResetEndsLeasesAndWaits) {
  Set("connection_pool", "connection_pool { connections: 1 }");
  api::Lease lease;
  ASSERT_TRUE(Acquire(lease).ok());
  std::thread waits([&] {
    EXPECT_EQ(Use("wait { seconds: 600 }").code(), Code::kUnavailable);
  });
  ASSERT_TRUE(Eventually([&] { return Stats().waiting() == 1; }));

  ASSERT_TRUE(host_.Reset("connection_pool").ok());
  waits.join();

  const auto stats = Stats();
  EXPECT_EQ(stats.size(), 20);
  EXPECT_EQ(stats.in_use(), 0);
  EXPECT_EQ(stats.acquired(), 0);
  EXPECT_EQ(Release(lease.lease()).code(), Code::kNotFound);
}

TEST_F(ConnectionPoolTest, ALeaseFromBeforeAResetEndsNoneFromAfterIt) {
  api::Lease before;
  ASSERT_TRUE(Acquire(before).ok());
  ASSERT_TRUE(host_.Reset("connection_pool").ok());
  api::Lease after;
  ASSERT_TRUE(Acquire(after).ok());
  ASSERT_EQ(after.connection(), before.connection());

  EXPECT_EQ(Release(before.lease()).code(), Code::kNotFound);
  EXPECT_EQ(Stats().in_use(), 1);
  EXPECT_TRUE(Release(after.lease()).ok());
}

TEST_F(ConnectionPoolTest, ShutdownEndsTheCallsThatWait) {
  Set("connection_pool", "connection_pool { connections: 1 }");
  api::Lease lease;
  ASSERT_TRUE(Acquire(lease).ok());
  std::thread waits([&] {
    EXPECT_EQ(Use("wait { seconds: 600 }").code(), Code::kUnavailable);
  });
  ASSERT_TRUE(Eventually([&] { return Stats().waiting() == 1; }));

  host_.Shutdown();
  waits.join();
}

TEST_F(ConnectionPoolTest, ASmallerPoolClosesWhatComesBack) {
  std::vector<api::Lease> leases(5);
  for (api::Lease& lease : leases) ASSERT_TRUE(Acquire(lease).ok());

  Set("connection_pool", "connection_pool { connections: 2 }");
  EXPECT_EQ(Use("wait {}").code(), Code::kResourceExhausted);
  for (const api::Lease& lease : leases) {
    ASSERT_TRUE(Release(lease.lease()).ok());
  }

  EXPECT_EQ(Stats().idle(), 2);
  EXPECT_TRUE(Use("wait {}").ok());
}

TEST_F(ConnectionPoolTest, TellsWhichFieldIsWrong) {
  api::Lease lease;
  EXPECT_THAT(std::string(Use("hold { seconds: -1 }").message()),
              HasSubstr("hold: must be"));
  EXPECT_THAT(std::string(Use("wait { seconds: 3601 }").message()),
              HasSubstr("wait: must be"));
  EXPECT_THAT(std::string(Release("").message()),
              HasSubstr("lease: must have 1 to 128 bytes, got 0"));
  EXPECT_EQ(Acquire(lease, "holder: '" + std::string(129, 'x') + "'").code(),
            Code::kInvalidArgument);
}

TEST_F(ConnectionPoolTest, NothingIsLostWhenManyComeAndGo) {
  Set("connection_pool",
      "connection_pool { connections: 3 lease { nanos: 1000000 } }");
  std::vector<std::thread> callers;

  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        grpc::ClientContext context;
        context.set_deadline(absl::ToChronoTime(
            clock_.WallTime() + absl::Milliseconds(1 + (i * 7 + t) % 10)));
        api::UseResponse used;
        api::Lease lease;
        if (i % 3 == 0) {
          Call(*stub_, &Stub::Acquire, "wait { nanos: 2000000 }", lease,
               context)
              .IgnoreError();
        } else {
          Call(*stub_, &Stub::Use, "hold { nanos: 700000 }", used, context)
              .IgnoreError();
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_TRUE(Eventually([&] {
    const auto stats = Stats();
    return stats.in_use() == 0 && stats.waiting() == 0;
  }));
  EXPECT_LE(Stats().opened(), 3);
  EXPECT_TRUE(Eventually(
      [&] { return StatisticsOf("connection_pool").in_flight() == 0; }));
}

}  // namespace
}  // namespace perfrig::targets
