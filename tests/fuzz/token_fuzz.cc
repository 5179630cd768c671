// Tokens: any text is refused, what can be read of its parts reads the same
// once it was written again, and claims that somebody trustworthy has signed
// are taken only while they hold.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "server/tokens/base64url.h"
#include "server/tokens/claims.h"
#include "server/tokens/keys.h"
#include "server/tokens/signer.h"
#include "server/tokens/verifier.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/server/tokens/known_keys.h"

namespace {

using perfrig::tokens::Claims;
using perfrig::tokens::DecodeBase64Url;
using perfrig::tokens::EncodeBase64Url;
using perfrig::tokens::NumberOf;
using perfrig::tokens::ParseClaims;
using perfrig::tokens::ReadPrivateKey;
using perfrig::tokens::TokenSigner;
using perfrig::tokens::TokenVerifier;
using perfrig::tokens::WriteClaims;

void Require(bool holds) {
  if (!holds) std::abort();
}

// Whether they are for us, from now on and for a while yet; half a minute is
// the verifier's own.
bool Hold(const Claims& claims, double now) {
  constexpr double kSkew = 30;
  const double* const expires = NumberOf(claims, "exp");
  const double* const begins = NumberOf(claims, "nbf");
  const auto audience = claims.find("aud");
  if (expires == nullptr || *expires <= now - kSkew) return false;
  if (begins != nullptr && *begins > now + kSkew) return false;
  if (audience == claims.end()) return false;
  if (const auto* one = std::get_if<std::string>(&audience->second)) {
    return *one == "perfrig";
  }
  const auto* all = std::get_if<std::vector<std::string>>(&audience->second);
  return all != nullptr &&
         std::find(all->begin(), all->end(), "perfrig") != all->end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const perfrig::FakeClock clock;
  static const TokenVerifier verifier = *TokenVerifier::Create(
      {.audience = "perfrig", .keys = {{"key-1", perfrig::tokens::kPublicKey}}},
      clock);
  Require(!verifier.Verify(text).ok() ||
          text == perfrig::tokens::kTokenOfPyJwt);

  const std::optional<std::string> bytes = DecodeBase64Url(text);
  Require(!bytes.has_value() || EncodeBase64Url(*bytes) == text);

  const absl::StatusOr<Claims> claims = ParseClaims(text);
  if (!claims.ok()) return 0;
  const std::string written = WriteClaims(*claims);
  const absl::StatusOr<Claims> again = ParseClaims(written);
  Require(again.ok() && WriteClaims(*again) == written);

  static const TokenSigner signer(
      "key-1", *ReadPrivateKey(perfrig::tokens::kPrivateKey));
  const double now =
      absl::ToDoubleSeconds(clock.WallTime() - absl::UnixEpoch());
  Require(!verifier.Verify(signer.Sign(*claims)).ok() || Hold(*claims, now));
  return 0;
}
