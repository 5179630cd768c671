#include "server/allowed_targets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/details.h"

namespace perfrig {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Names of the test's own: no resolver is asked.
absl::StatusOr<std::vector<in6_addr>> Resolve(const std::string& host, Nanos,
                                              const std::stop_token&) {
  if (const auto ip = ParseIp(host)) return std::vector<in6_addr>{*ip};
  if (host == "here") {
    return std::vector<in6_addr>{*ParseIp("127.0.0.1"), *ParseIp("::1")};
  }
  if (host == "half") {
    return std::vector<in6_addr>{*ParseIp("127.0.0.1"), *ParseIp("192.0.2.1")};
  }
  if (host == "inside") return std::vector<in6_addr>{*ParseIp("10.1.2.3")};
  return absl::UnavailableError("no such name");
}

std::string Admit(std::vector<std::string> rules, std::string_view target) {
  const auto result =
      AllowedTargets(std::move(rules), Resolve).Admit(target, kNever, {});
  if (result.ok()) return *result;
  return absl::IsPermissionDenied(result.status()) ? "denied" : "invalid";
}

TEST(AllowedTargets, LoopbackIsAllowedByItsAddresses) {
  EXPECT_EQ(Admit({"loopback"}, "127.0.0.1:50051"), "127.0.0.1:50051");
  EXPECT_EQ(Admit({"loopback"}, "127.8.9.1:1"), "127.8.9.1:1");
  EXPECT_EQ(Admit({"loopback"}, "[::1]:50051"), "[::1]:50051");
  EXPECT_EQ(Admit({"loopback"}, "localhost:1"), "localhost:1");
  EXPECT_EQ(Admit({"loopback"}, "dns:///localhost:1"), "localhost:1");
  EXPECT_EQ(Admit({"loopback"}, "unix:/run/a.sock"), "unix:/run/a.sock");
  EXPECT_EQ(Admit({"loopback"}, "192.0.2.1:1"), "denied");
  EXPECT_EQ(Admit({"loopback"}, "0.0.0.0:1"), "denied");
}

TEST(AllowedTargets, ANameWhoseAddressesAreAllLoopbackIsPinnedToOne) {
  EXPECT_EQ(Admit({"loopback"}, "here:1"), "127.0.0.1:1");
  EXPECT_EQ(Admit({"loopback"}, "half:1"), "denied");
  EXPECT_EQ(Admit({"loopback"}, "nowhere:1"), "denied");
}

TEST(AllowedTargets, ADenialNamesTheAddress) {
  const auto denied = AllowedTargets({"loopback"}, Resolve)
                          .Admit("192.0.2.1:1", kNever, {})
                          .status();

  EXPECT_EQ(ResourceOf(denied)->resource_type(), "address");
  EXPECT_EQ(ResourceOf(denied)->resource_name(), "192.0.2.1:1");
}

TEST(AllowedTargets, NothingIsAllowedUnlessTheRulesSay) {
  EXPECT_EQ(Admit({"self"}, "127.0.0.1:1"), "denied");
  EXPECT_EQ(Admit({"self"}, "localhost:1"), "denied");
  EXPECT_EQ(Admit({"self"}, "unix:/run/a.sock"), "denied");
  EXPECT_FALSE(AllowedTargets({"loopback"}, Resolve).AdmitSelf().ok());
  EXPECT_TRUE(AllowedTargets({"self"}, Resolve).AdmitSelf().ok());
}

TEST(AllowedTargets, NamesGlobsAddressesAndNetworksAreAllowedAsWritten) {
  EXPECT_EQ(Admit({"api.example"}, "API.example:443"), "API.example:443");
  EXPECT_EQ(Admit({"*.example"}, "a.b.example:443"), "a.b.example:443");
  EXPECT_EQ(Admit({"*.example"}, "example.org:443"), "denied");
  EXPECT_EQ(Admit({"10.0.0.0/8"}, "10.9.9.9:1"), "10.9.9.9:1");
  EXPECT_EQ(Admit({"10.0.0.0/8"}, "11.0.0.1:1"), "denied");
  EXPECT_EQ(Admit({"10.0.0.0/8"}, "inside:1"), "10.1.2.3:1");
  EXPECT_EQ(Admit({"fd00::/8"}, "[fd00::1]:1"), "[fd00::1]:1");
  EXPECT_EQ(Admit({"192.0.2.1"}, "192.0.2.1:1"), "192.0.2.1:1");
}

TEST(AllowedTargets, ARuleWithAPortAllowsThatPortOnly) {
  EXPECT_EQ(Admit({"api.example:443"}, "api.example:443"), "api.example:443");
  EXPECT_EQ(Admit({"api.example:443"}, "api.example:80"), "denied");
  EXPECT_EQ(Admit({"[fd00::1]:1"}, "[fd00::1]:1"), "[fd00::1]:1");
}

TEST(AllowedTargets, WhatIsNoAddressIsInvalid) {
  for (const char* target : {"", "host", "host:", "host:0", "host:99999",
                             "::1:1", ":1", "unix:", "a b:1", "[::1:1"}) {
    EXPECT_EQ(Admit({"loopback"}, target), "invalid") << target;
  }
}

TEST(AllowedTargets, ARefusalNamesTheFlagAndTheHost) {
  const auto result = AllowedTargets({"self", "loopback"}, Resolve)
                          .Admit("api.example:443", kNever, {});

  EXPECT_THAT(
      std::string(result.status().message()),
      AllOf(HasSubstr("--allow-target=api.example"),
            HasSubstr("\"api.example:443\""), HasSubstr("self, loopback")));
}

TEST(AllowedTargets, ARefusalSaysIfTheNameHasNoAddress) {
  const auto known =
      AllowedTargets({"loopback"}, Resolve).Admit("inside:1", kNever, {});
  const auto unknown =
      AllowedTargets({"loopback"}, Resolve).Admit("nowhere:1", kNever, {});

  EXPECT_THAT(std::string(known.status().message()),
              Not(HasSubstr("no such name")));
  EXPECT_THAT(std::string(unknown.status().message()),
              AllOf(HasSubstr("no such name"), HasSubstr("--allow-target")));
}

TEST(AllowedTargets, RulesAreChecked) {
  for (const char* rule : {"self", "spawn", "loopback", "*", "api.example",
                           "api.example:443", "10.0.0.0/8", "::1", "[::1]:1"}) {
    EXPECT_TRUE(CheckAllowedTarget(rule).ok()) << rule;
  }
  for (const char* rule : {"", "10.0.0.0/33", "http://a", "a b", "a:0"}) {
    EXPECT_FALSE(CheckAllowedTarget(rule).ok()) << rule;
  }
}

}  // namespace
}  // namespace perfrig
