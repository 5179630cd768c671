#include "server/tokens/verifier.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/tokens/base64url.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/server/tokens/known_keys.h"

namespace perfrig::tokens {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] = R"({"alg":"RS256","kid":"key-1"})";
// The clock stands at 1767225600.
constexpr char kClaims[] = R"({"aud":"perfrig","exp":1767225700})";

// Signs whatever text it is given, wrong or right.
std::string Sign(const std::string& header, const std::string& claims) {
  static const Key key = *ReadPrivateKey(kPrivateKey);
  std::string token =
      absl::StrCat(EncodeBase64Url(header), ".", EncodeBase64Url(claims));
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key.get());
  std::string signature(256, '\0');
  std::size_t size = signature.size();
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()),
                 &size, reinterpret_cast<const unsigned char*>(token.data()),
                 token.size());
  EVP_MD_CTX_free(context);
  return absl::StrCat(token, ".", EncodeBase64Url(signature));
}

class TokenVerifierTest : public ::testing::Test {
 protected:
  // Why it was refused; empty where it was not.
  std::string Refusal(const std::string& token) const {
    const auto claims = verifier_.Verify(token);
    if (claims.ok()) return "";
    EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated);
    return std::string(claims.status().message());
  }
  std::string RefusalOf(const std::string& header,
                        const std::string& claims) const {
    return Refusal(Sign(header, claims));
  }

  FakeClock clock_;
  TokenVerifier verifier_ = *TokenVerifier::Create(
      {.audience = "perfrig", .keys = {{"key-1", kPublicKey}}}, clock_);
};

TEST_F(TokenVerifierTest, TakesATokenOfPyJwt) {
  const auto claims = verifier_.Verify(kTokenOfPyJwt);

  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(*TextOf(*claims, "sub"), "alice");
  EXPECT_EQ(*TextOf(*claims, "tenant"), "acme");
  EXPECT_EQ(*NumberOf(*claims, "exp"), 1767230000);
  EXPECT_THAT(std::get<std::vector<std::string>>(claims->at("aud")),
              ElementsAre("other", "perfrig"));
}

TEST_F(TokenVerifierTest, AnyBitFlippedIsRefused) {
  const std::string token = kTokenOfPyJwt;

  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_NE(Refusal(other), "") << i;
  }
}

TEST_F(TokenVerifierTest, AnyCutIsRefused) {
  const std::string token = kTokenOfPyJwt;

  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_NE(Refusal(token.substr(0, size)), "") << size;
  }
  EXPECT_NE(Refusal(token + "A"), "");
  EXPECT_NE(Refusal(token + "."), "");
  EXPECT_NE(Refusal(token + "="), "");
  EXPECT_NE(Refusal(" " + token), "");
}

TEST_F(TokenVerifierTest, NoOtherAlgorithm) {
  for (const char* algorithm :
       {"none", "None", "nOnE", "", "HS256", "rs256", "RS384", "PS256",
        "RS256 ", "ES256", "RS256\\u0000"}) {
    const std::string header =
        absl::StrCat(R"({"alg":")", algorithm, R"(","kid":"key-1"})");
    EXPECT_THAT(RefusalOf(header, kClaims), HasSubstr("alg: must be \"RS256\""))
        << algorithm;
  }
  EXPECT_EQ(RefusalOf(R"({"kid":"key-1"})", kClaims),
            "token: alg: must be \"RS256\"");
  EXPECT_EQ(RefusalOf(R"({"alg":["RS256"],"kid":"key-1"})", kClaims),
            "token: alg: must be \"RS256\"");
  EXPECT_EQ(RefusalOf(R"({"ALG":"RS256","kid":"key-1"})", kClaims),
            "token: alg: must be \"RS256\"");
}

TEST_F(TokenVerifierTest, WithoutASignatureNothing) {
  const std::string none =
      absl::StrCat(EncodeBase64Url(R"({"alg":"none","kid":"key-1"})"), ".",
                   EncodeBase64Url(kClaims), ".");
  const std::string empty = absl::StrCat(EncodeBase64Url(kHeader), ".",
                                         EncodeBase64Url(kClaims), ".");

  EXPECT_EQ(Refusal(none), "token: alg: must be \"RS256\", got \"none\"");
  EXPECT_EQ(Refusal(empty), "token: signature does not match");
}

TEST_F(TokenVerifierTest, ThePublicKeyIsNoSecret) {
  const std::string is_signed =
      absl::StrCat(EncodeBase64Url(R"({"alg":"HS256","kid":"key-1"})"), ".",
                   EncodeBase64Url(kClaims));
  const std::string secret = kPublicKey;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(is_signed.data()),
       is_signed.size(), digest, &size);
  const std::string mac(reinterpret_cast<char*>(digest), size);

  EXPECT_EQ(Refusal(absl::StrCat(is_signed, ".", EncodeBase64Url(mac))),
            "token: alg: must be \"RS256\", got \"HS256\"");
}

TEST_F(TokenVerifierTest, TheKeyIsTheOneThatIsNamed) {
  EXPECT_EQ(RefusalOf(R"({"alg":"RS256"})", kClaims),
            "token: kid: must name a key");
  EXPECT_EQ(RefusalOf(R"({"alg":"RS256","kid":1})", kClaims),
            "token: kid: must name a key");
  EXPECT_EQ(RefusalOf(R"({"alg":"RS256","kid":"key-2"})", kClaims),
            "token: kid: no key \"key-2\"");
  EXPECT_EQ(
      RefusalOf(R"({"alg":"RS256","kid":"key-1","crit":["exp"]})", kClaims),
      "token: crit: no extension is understood");
}

TEST_F(TokenVerifierTest, WhatStandsTwiceIsRefused) {
  EXPECT_EQ(
      RefusalOf(R"({"alg":"RS256","kid":"key-1","alg":"RS256"})", kClaims),
      "token: header has \"alg\" more than once");
  EXPECT_EQ(
      RefusalOf(kHeader, R"({"aud":"perfrig","exp":1,"\u0065xp":1767225700})"),
      "token: claims has \"exp\" more than once");
  EXPECT_EQ(RefusalOf(kHeader, R"({"aud":"perfrig","exp":1767225700,)"
                               R"("a":{"b":1,"b":1}})"),
            "");
}

TEST_F(TokenVerifierTest, WhatIsNoObjectIsRefused) {
  for (const char* claims : {"[]", "1", "\"x\"", "null", "true"}) {
    EXPECT_EQ(RefusalOf(kHeader, claims), "token: claims is no object");
  }
  for (const char* claims :
       {"", "{", "{}{}", "{'exp':1}", "{\"exp\":1,}", "{\"exp\":01}",
        "{\"exp\":1e999}", "{\"exp\":NaN}", "\xff", "{\"a\":\"\xc0\x80\"}"}) {
    EXPECT_THAT(RefusalOf(kHeader, claims), HasSubstr("claims is no JSON"))
        << claims;
  }
}

TEST_F(TokenVerifierTest, NestedDeeplyIsNoHarm) {
  const std::string claims =
      absl::StrCat(R"({"aud":"perfrig","exp":1767225700,"a":)",
                   std::string(2'000, '['), std::string(2'000, ']'), "}");

  EXPECT_EQ(RefusalOf(kHeader, claims), "");
}

TEST_F(TokenVerifierTest, AHugeTokenIsRefusedUnread) {
  EXPECT_EQ(Refusal(std::string(1'000'000, 'A')),
            "token: must have at most 8192 bytes, got 1000000");
}

TEST_F(TokenVerifierTest, ExpiredTokensAreRefusedWithSomeSkew) {
  const std::string token = Sign(kHeader, kClaims);

  EXPECT_EQ(Refusal(token), "");
  clock_.Advance(130 * kSecond - 1);
  EXPECT_EQ(Refusal(token), "");
  clock_.Advance(1);
  EXPECT_THAT(Refusal(token), HasSubstr("exp: expired at "));
}

TEST_F(TokenVerifierTest, ExpMustBeThere) {
  EXPECT_EQ(RefusalOf(kHeader, R"({"aud":"perfrig"})"),
            "token: exp: must be a time in seconds");
  EXPECT_EQ(RefusalOf(kHeader, R"({"aud":"perfrig","exp":"1767225700"})"),
            "token: exp: must be a time in seconds");
  EXPECT_EQ(RefusalOf(kHeader, R"({"aud":"perfrig","exp":1e300})"), "");
  EXPECT_THAT(RefusalOf(kHeader, R"({"aud":"perfrig","exp":-1e300})"),
              HasSubstr("exp: expired"));
}

TEST_F(TokenVerifierTest, TokensOfTheFutureAreRefusedWithSomeSkew) {
  const std::string token =
      Sign(kHeader, R"({"aud":"perfrig","exp":1767230000,"nbf":1767225690.5})");

  EXPECT_THAT(Refusal(token), HasSubstr("nbf: not before "));
  clock_.Advance(60 * kSecond);
  EXPECT_THAT(Refusal(token), HasSubstr("nbf: not before "));
  clock_.Advance(kSecond);
  EXPECT_EQ(Refusal(token), "");
  EXPECT_EQ(
      RefusalOf(kHeader, R"({"aud":"perfrig","exp":1767230000,"nbf":"now"})"),
      "token: nbf: must be a time in seconds");
}

TEST_F(TokenVerifierTest, TheAudienceIsThisOne) {
  for (const char* audience :
       {R"("other")", R"("perfrig2")", R"("Perfrig")", "[]", R"(["other"])",
        R"({"perfrig":"perfrig"})", R"([["perfrig"]])", R"(["perfrig",1])",
        "null"}) {
    const std::string claims =
        absl::StrCat(R"({"exp":1767225700,"aud":)", audience, "}");
    EXPECT_EQ(RefusalOf(kHeader, claims),
              "token: aud: must be or have \"perfrig\"")
        << audience;
  }
  EXPECT_EQ(RefusalOf(kHeader, R"({"exp":1767225700})"),
            "token: aud: must be or have \"perfrig\"");
}

TEST_F(TokenVerifierTest, NothingIsReadFromClaimsThatAreNotSigned) {
  const std::string token = Sign(kHeader, kClaims);
  const std::string other = absl::StrReplaceAll(
      token, {{EncodeBase64Url(kClaims), EncodeBase64Url("{\"exp\":0}")}});

  EXPECT_EQ(Refusal(other), "token: signature does not match");
}

TEST(TokenVerifierOptionsTest, AKeyThatCannotBeUsedIsNamed) {
  const FakeClock clock;

  const auto verifier = TokenVerifier::Create(
      {.audience = "perfrig", .keys = {{"small", kSmallKey}}}, clock);

  EXPECT_EQ(verifier.status().message(),
            "keys[\"small\"].key: must have at least 2048 bits, got 1024");
}

}  // namespace
}  // namespace perfrig::tokens
