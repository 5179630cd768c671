#include "server/cache/redis_address.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace perfrig::cache {
namespace {

std::tuple<std::string, int, std::string, std::string, int> Parts(
    const std::string& text) {
  const auto address = ParseRedisAddress(text);
  if (!address.ok()) return {address.status().ToString(), 0, "", "", 0};
  return {address->host, address->port, address->user, address->password,
          static_cast<int>(address->database)};
}

TEST(RedisAddressTest, TakesWhatPeopleWrite) {
  EXPECT_EQ(Parts("cache"), std::tuple("cache", 6379, "", "", 0));
  EXPECT_EQ(Parts("10.0.0.1:7"), std::tuple("10.0.0.1", 7, "", "", 0));
  EXPECT_EQ(Parts("[::1]:7"), std::tuple("::1", 7, "", "", 0));
  EXPECT_EQ(Parts("redis://cache:7/3"), std::tuple("cache", 7, "", "", 3));
  EXPECT_EQ(Parts("redis://:p@ss@cache"),
            std::tuple("cache", 6379, "", "p@ss", 0));
  EXPECT_EQ(Parts("me:pass@cache:7/"), std::tuple("cache", 7, "me", "pass", 0));
  EXPECT_EQ(Parts("unix:/run/redis.sock"),
            std::tuple("/run/redis.sock", 0, "", "", 0));
}

TEST(RedisAddressTest, RefusesTheRestWithoutShowingThePassword) {
  for (const char* text :
       {"", ":7", "host:", "host:0", "host:65536", "host:x", "[::1", "host/x",
        "[::1]7", "unix:", "hidden@host", "me:@host", ":hidden@", "host:7:8",
        "me:hidden@host:x", "host/-1"}) {
    const absl::Status status = ParseRedisAddress(text).status();

    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_EQ(status.message().find("hidden"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace perfrig::cache
