#include "server/tokens/signer.h"

#include <future>
#include <string>
#include <thread>
#include <utility>

#include "gtest/gtest.h"
#include "server/tokens/verifier.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/server/tokens/known_keys.h"

namespace perfrig::tokens {
namespace {

TEST(SignerTest, APendingSignerMakesAKeyThatItsPublicHalfVerifies) {
  const FakeClock clock;
  PendingSigner pending("made");
  ASSERT_TRUE(pending.Post([](const TokenSigner&) {}).ok());
  while (pending.get() == nullptr) std::this_thread::yield();
  const TokenSigner& signer = *pending.get();

  const auto verifier = TokenVerifier::Create(
      {.audience = "perfrig", .keys = {{"made", signer.PublicKey()}}}, clock);

  ASSERT_TRUE(verifier.ok()) << verifier.status();
  const double expires =
      static_cast<double>(absl::ToUnixSeconds(clock.WallTime()) + 60);
  const auto claims = verifier->Verify(signer.Sign(
      {{"aud", std::string("perfrig")}, {"exp", expires}, {"admin", true}}));
  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(std::get<bool>(claims->at("admin")), true);
}

TEST(SignerTest, APendingSignerWorksInOrderOnceItHasItsKey) {
  std::promise<std::string> token;
  std::string order;
  PendingSigner pending("made");

  ASSERT_TRUE(
      pending.Post([&](const TokenSigner&) { order += "first "; }).ok());
  ASSERT_TRUE(pending
                  .Post([&](const TokenSigner& signer) {
                    order += "second";
                    token.set_value(signer.Sign({}));
                  })
                  .ok());

  EXPECT_EQ(token.get_future().get().substr(0, 2), "ey");
  EXPECT_EQ(order, "first second");
}

TEST(SignerTest, APendingSignerTakesOnlySoMuchWork) {
  absl::Status status;
  std::promise<void> goes_on;
  PendingSigner pending("made");
  auto waits = [future = goes_on.get_future().share()](const TokenSigner&) {
    future.wait();
  };

  for (int i = 0; i < 1'002 && status.ok(); ++i) status = pending.Post(waits);
  goes_on.set_value();

  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

TEST(SignerTest, TimesAreWrittenAsWholeNumbers) {
  EXPECT_EQ(WriteClaims({{"exp", 1767230000.0}, {"nbf", 0.5}}),
            R"({"exp":1767230000,"nbf":0.5})");
}

TEST(SignerTest, KeysThatAreNoStrongRsaKeysAreRefused) {
  EXPECT_EQ(ReadPublicKey(kSmallKey).status().message(),
            "key: must have at least 2048 bits, got 1024");
  EXPECT_EQ(ReadPublicKey(kCurveKey).status().message(),
            "key: must be an RSA key");
  EXPECT_EQ(ReadPublicKey("").status().message(),
            "key: must be an RSA key in PEM");
  EXPECT_FALSE(ReadPublicKey(kPrivateKey).ok());
  EXPECT_FALSE(ReadPrivateKey(kPublicKey).ok());
  EXPECT_TRUE(ReadPrivateKey(kPrivateKey).ok());
}

}  // namespace
}  // namespace perfrig::tokens
