// Tokens: any text is refused, and what can be read of its parts reads the same
// once it was written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "server/tokens/base64url.h"
#include "server/tokens/claims.h"
#include "server/tokens/verifier.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/server/tokens/known_keys.h"

namespace {

using perfrig::tokens::Claims;
using perfrig::tokens::DecodeBase64Url;
using perfrig::tokens::EncodeBase64Url;
using perfrig::tokens::ParseClaims;
using perfrig::tokens::TokenVerifier;
using perfrig::tokens::WriteClaims;

void Require(bool holds) {
  if (!holds) std::abort();
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
  return 0;
}
