#include "server/cache/keyring.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace perfrig::cache {
namespace {

const std::string kOne(32, '1');
const std::string kTwo(32, '2');

std::unique_ptr<Keyring> With(std::uint32_t id, const std::string& secret) {
  return *Keyring::Create({.id = id, .secret = secret});
}

TEST(KeyringTest, OpensWhatItSealed) {
  const auto keyring = With(1, kOne);
  for (const std::size_t size : {0, 1, 15, 16, 10'000}) {
    const std::string plain(size, 'x');

    const std::string sealed = keyring->Seal(plain, "user/7");

    EXPECT_EQ(sealed.size(), size + Keyring::kSealBytes);
    EXPECT_EQ(*keyring->Open(sealed, "user/7"), plain);
    // A byte or so may be there by chance.
    EXPECT_TRUE(size < 15 || sealed.find(plain) == sealed.npos);
  }
}

TEST(KeyringTest, NobodyElseHasARandomKey) {
  const auto keyring = Keyring::CreateRandom();
  const std::string sealed = keyring->Seal("secret", "");

  EXPECT_EQ(*keyring->Open(sealed, ""), "secret");
  EXPECT_TRUE(
      absl::IsDataLoss(Keyring::CreateRandom()->Open(sealed, "").status()));
}

TEST(KeyringTest, OlderKeysStillOpen) {
  const auto keyring = With(1, kOne);
  const std::string old = keyring->Seal("old", "");

  ASSERT_TRUE(keyring->Rotate({.id = 2, .secret = kTwo}).ok());
  const std::string young = keyring->Seal("young", "");

  EXPECT_EQ(*keyring->Open(old, ""), "old");
  EXPECT_EQ(*keyring->Open(young, ""), "young");
  EXPECT_EQ(*With(2, kTwo)->Open(young, ""), "young");
  EXPECT_TRUE(absl::IsNotFound(With(2, kTwo)->Open(old, "").status()));
}

TEST(KeyringTest, ARetiredKeyOpensNothing) {
  const auto keyring = With(1, kOne);
  const std::string old = keyring->Seal("old", "");
  EXPECT_TRUE(absl::IsFailedPrecondition(keyring->Retire(1)));
  ASSERT_TRUE(keyring->Rotate({.id = 2, .secret = kTwo}).ok());

  EXPECT_TRUE(keyring->Retire(1).ok());

  EXPECT_TRUE(absl::IsNotFound(keyring->Open(old, "").status()));
  EXPECT_TRUE(absl::IsNotFound(keyring->Retire(1)));
}

TEST(KeyringTest, AWrongKeyOpensNothing) {
  const std::string sealed = With(1, kOne)->Seal("secret", "");

  EXPECT_TRUE(absl::IsDataLoss(With(1, kTwo)->Open(sealed, "").status()));
}

TEST(KeyringTest, AnotherContextOpensNothing) {
  const auto keyring = With(1, kOne);
  const std::string sealed = keyring->Seal("secret", "user/7");

  EXPECT_TRUE(absl::IsDataLoss(keyring->Open(sealed, "user/8").status()));
}

TEST(KeyringTest, EachFlippedBitIsSeen) {
  const auto keyring = With(1, kOne);
  const std::string sealed = keyring->Seal("secret", "");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));

    EXPECT_FALSE(keyring->Open(changed, "").ok()) << bit;
  }
}

TEST(KeyringTest, EachTruncationIsSeen) {
  const auto keyring = With(1, kOne);
  const std::string sealed = keyring->Seal("secret", "");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_TRUE(
        absl::IsDataLoss(keyring->Open(sealed.substr(0, size), "").status()))
        << size;
  }
  EXPECT_FALSE(keyring->Open(sealed + "x", "").ok());
}

TEST(KeyringTest, KeysHaveThirtyTwoBytesAndTheirOwnId) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      Keyring::Create({.id = 1, .secret = "short"}).status()));
  EXPECT_TRUE(
      absl::IsAlreadyExists(With(1, kOne)->Rotate({.id = 1, .secret = kTwo})));
}

TEST(KeyringTest, NoNonceComesTwice) {
  const auto keyring = With(1, kOne);
  const auto restarted = With(1, kOne);
  constexpr int kSeals = 2'000;
  std::vector<std::vector<std::string>> nonces(4);

  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < nonces.size(); ++i) {
    threads.emplace_back([&, i] {
      Keyring& used = i % 2 == 0 ? *keyring : *restarted;
      for (int j = 0; j < kSeals; ++j) {
        nonces[i].push_back(used.Seal("", "").substr(4, 12));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::set<std::string> all;
  for (const auto& each : nonces) all.insert(each.begin(), each.end());
  EXPECT_EQ(all.size(), 4 * kSeals);
}

}  // namespace
}  // namespace perfrig::cache
