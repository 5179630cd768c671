#include "server/suites/secrets.h"

#include <gtest/gtest.h>

#include "google/protobuf/text_format.h"

namespace perfrig::suites {
namespace {

v1::Suite Parse(const std::string& text) {
  v1::Suite suite;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &suite));
  return suite;
}

TEST(SecretsTest, WhatAuthorizesIsHiddenWhereverItStands) {
  const v1::Suite shown = WithoutSecrets(Parse(R"pb(
    defaults { metadata { name: "authorization" value: "Bearer a" } }
    tests {
      calls {
        metadata { name: "x-api-key" value: "b" }
        metadata { name: "session-cookie" value: "c" }
      }
      before { call { metadata { name: "auth-token" value: "d" } } }
      after { call { metadata { name: "x-secret" value: "e" } } }
    })pb"));

  EXPECT_EQ(
      shown.ShortDebugString(),
      Parse(R"pb(
        defaults { metadata { name: "authorization" value: "(hidden)" } }
        tests {
          calls {
            metadata { name: "x-api-key" value: "(hidden)" }
            metadata { name: "session-cookie" value: "(hidden)" }
          }
          before { call { metadata { name: "auth-token" value: "(hidden)" } } }
          after { call { metadata { name: "x-secret" value: "(hidden)" } } }
        })pb")
          .ShortDebugString());
}

TEST(SecretsTest, WhatIsNoSecretStays) {
  const v1::Suite suite = Parse(R"pb(
    defaults { metadata { name: "x-request" value: "7" } }
    tests {
      calls { metadata { name: "authorization" value: "Bearer {{env TOKEN}}" } }
    })pb");

  EXPECT_EQ(WithoutSecrets(suite).ShortDebugString(), suite.ShortDebugString());
}

}  // namespace
}  // namespace perfrig::suites
