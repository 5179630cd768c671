#include "server/tokens/signer.h"

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
