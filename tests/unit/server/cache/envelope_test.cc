#include "server/cache/envelope.h"

#include <gtest/gtest.h>

#include <string>

namespace perfrig::cache {
namespace {

const absl::Time kEnds = absl::FromUnixMillis(1'767'225'600'123);

class EnvelopeTest : public ::testing::TestWithParam<bool> {
 protected:
  Keyring* keyring() { return GetParam() ? keyring_.get() : nullptr; }

  const std::unique_ptr<Keyring> keyring_ =
      *Keyring::Create({.id = 1, .secret = std::string(32, '1')});
};

TEST_P(EnvelopeTest, KeepsTheValueAndItsEnd) {
  for (const absl::Time ends : {kEnds, absl::InfiniteFuture()}) {
    const auto content =
        Unwrap("key", Wrap("key", "value", ends, keyring()), keyring());

    ASSERT_TRUE(content.ok()) << content.status();
    EXPECT_EQ(content->value, "value");
    EXPECT_EQ(content->ends, ends);
  }
}

TEST_P(EnvelopeTest, WhateverIsChangedIsSeen) {
  const std::string bytes = Wrap("key", "value", kEnds, keyring());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));

    EXPECT_FALSE(Unwrap("key", changed, keyring()).ok()) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Unwrap("key", bytes.substr(0, size), keyring()).ok()) << size;
  }
}

TEST_P(EnvelopeTest, AValueUnderAnotherKeyIsDamaged) {
  const std::string bytes = Wrap("key", "value", kEnds, keyring());

  EXPECT_TRUE(absl::IsDataLoss(Unwrap("yek", bytes, keyring()).status()));
}

INSTANTIATE_TEST_SUITE_P(All, EnvelopeTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Sealed" : "Plain";
                         });

TEST(EnvelopeKindTest, APlainOneIsNotTakenForASealedOneNorTheOtherWayRound) {
  const auto owned =
      *Keyring::Create({.id = 1, .secret = std::string(32, '1')});
  Keyring* const keyring = owned.get();

  EXPECT_FALSE(Unwrap("k", Wrap("k", "v", kEnds, nullptr), keyring).ok());
  EXPECT_FALSE(Unwrap("k", Wrap("k", "v", kEnds, keyring), nullptr).ok());
}

}  // namespace
}  // namespace perfrig::cache
