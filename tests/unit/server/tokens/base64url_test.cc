#include "server/tokens/base64url.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace perfrig::tokens {
namespace {

TEST(Base64UrlTest, WhatIsEncodedIsDecoded) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST(Base64UrlTest, KnownAnswers) {
  EXPECT_EQ(EncodeBase64Url("\xfb\xff"), "-_8");
  EXPECT_EQ(DecodeBase64Url("Zm9vYg"), "foob");
}

TEST(Base64UrlTest, OnlyOneTextStandsForASequenceOfBytes) {
  for (const char* text : {"Zm9vYg==", "Zm9vYh", "Zm9vY", "Zm9v\n", " Zm9v",
                           "Zm+v", "Zm/v", "Z", "Zh"}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace perfrig::tokens
