#include "server/drivers/grpc/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace perfrig::drivers {
namespace {

using ::testing::HasSubstr;

TEST(ParseAddress, ReadsHostsWithPorts) {
  for (const char* text : {"shop:7072", "dns:///shop:7072", "dns:shop:7072"}) {
    const auto address = ParseAddress(text);

    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->text, text);
    EXPECT_EQ(address->host, "shop");
    EXPECT_EQ(address->port, "7072");
    EXPECT_EQ(address->authority, "shop:7072");
  }
}

TEST(ParseAddress, ReadsNumbersOfEitherFamily) {
  const auto v4 = ParseAddress("ipv4:10.0.0.1:80");
  const auto v6 = ParseAddress("ipv6:[::1]:80");
  const auto bare = ParseAddress("[fe80::1]:80");

  ASSERT_TRUE(v4.ok() && v6.ok() && bare.ok());
  EXPECT_EQ(v4->host, "10.0.0.1");
  EXPECT_EQ(v4->family, AF_INET);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->family, AF_INET6);
  EXPECT_EQ(v6->authority, "[::1]:80");
  EXPECT_EQ(bare->host, "fe80::1");
}

TEST(ParseAddress, ReadsPathsOfSockets) {
  const auto plain = ParseAddress("unix:/run/shop.sock");
  const auto slashes = ParseAddress("unix:///run/shop.sock");

  ASSERT_TRUE(plain.ok() && slashes.ok());
  EXPECT_EQ(plain->path, "/run/shop.sock");
  EXPECT_EQ(slashes->path, "/run/shop.sock");
  EXPECT_EQ(plain->authority, "localhost");
}

TEST(ParseAddress, SaysWhatIsWrong) {
  const auto message = [](const std::string& text) {
    return std::string(ParseAddress(text).status().message());
  };

  EXPECT_THAT(message("shop"), HasSubstr("\"shop\": the port is missing"));
  EXPECT_THAT(message("shop:0"), HasSubstr("1 to 65535"));
  EXPECT_THAT(message("shop:65536"), HasSubstr("1 to 65535"));
  EXPECT_THAT(message("shop:http"), HasSubstr("1 to 65535"));
  EXPECT_THAT(message(":80"), HasSubstr("host is missing"));
  EXPECT_THAT(message("::1:80"), HasSubstr("brackets"));
  EXPECT_THAT(message("unix:"), HasSubstr("path of the socket is missing"));
  EXPECT_THAT(message("unix:/" + std::string(107, 'x')), HasSubstr("107"));
  EXPECT_THAT(message("dns://9.9.9.9/shop:80"), HasSubstr("name server"));
}

TEST(Resolve, FindsEveryEndpointOfAName) {
  const auto endpoints = Resolve(*ParseAddress("127.0.0.1:80"), kNever, {});

  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  ASSERT_EQ(endpoints->size(), 1U);
  EXPECT_EQ(endpoints->front().address.ss_family, AF_INET);
}

TEST(Resolve, NamesTheAddressThatItCannotFind) {
  const auto endpoints = Resolve(*ParseAddress("ipv4:shop:80"), kNever, {});

  EXPECT_EQ(endpoints.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(endpoints.status().message()),
              HasSubstr("ipv4:shop:80: "));
}

}  // namespace
}  // namespace perfrig::drivers
