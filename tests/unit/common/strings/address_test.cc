#include "common/strings/address.h"

#include <gtest/gtest.h>

namespace perfrig {
namespace {

TEST(IsAddress, TakesHostsWithAPortAndSockets) {
  for (const char* text :
       {"localhost:7070", "10.0.0.1:1", "[::1]:65535", "[fe80::1%eth0]:80",
        "dns:///shop.internal:50051", "a_b-c.d:80", "unix:/run/a.sock"}) {
    EXPECT_TRUE(IsAddress(text)) << text;
  }
}

TEST(IsAddress, RefusesWhatLacksAPortOrIsNoHost) {
  for (const char* text :
       {"", "localhost", "127.0.0.1", "h:", ":7070", "h:0", "h:65536", "h:+1",
        "h:80x", "::1:80", "[]:80", "[1]:80", "http://h:80", "a b:80",
        "unix:", "dns:///", "dns:///h"}) {
    EXPECT_FALSE(IsAddress(text)) << text;
  }
}

}  // namespace
}  // namespace perfrig
