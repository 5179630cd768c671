#include "server/tokens/verifier.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/tokens/base64url.h"

namespace perfrig::tokens {
namespace {

constexpr std::size_t kShown = 100;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

template <class... Parts>
absl::Status Refused(const Parts&... parts) {
  return absl::UnauthenticatedError(absl::StrCat("token: ", parts...));
}

struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  // What the signature is of.
  std::string_view is_signed;
};

absl::StatusOr<Parts> Split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last ||
      std::count(token.begin(), token.end(), '.') != 2) {
    return Refused("must have three parts, divided by dots");
  }
  return Parts{token.substr(0, first),
               token.substr(first + 1, last - first - 1),
               token.substr(last + 1), token.substr(0, last)};
}

absl::StatusOr<std::string> Decode(const char* part, std::string_view text) {
  std::optional<std::string> bytes = DecodeBase64Url(text);
  if (bytes.has_value()) return *std::move(bytes);
  return Refused(part, " is no base64url");
}

absl::StatusOr<Claims> Read(const char* part, std::string_view text) {
  ASSIGN_OR_RETURN(const std::string json, Decode(part, text));
  absl::StatusOr<Claims> claims = ParseClaims(json);
  if (claims.ok()) return claims;
  return Refused(part, " ", claims.status().message());
}

bool IsSignature(EVP_PKEY* key, std::string_view text,
                 std::string_view signature) {
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const bool right =
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                           key) == 1 &&
      EVP_DigestVerify(context.get(), bytes(signature), signature.size(),
                       bytes(text), text.size()) == 1;
  ERR_clear_error();
  return right;
}

// Infinite where no calendar reaches.
absl::Time TimeOf(double seconds) {
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

}  // namespace

absl::StatusOr<TokenVerifier> TokenVerifier::Create(
    const VerifierOptions& options, const Clock& clock) {
  Keys keys;
  for (const auto& [kid, pem] : options.keys) {
    absl::StatusOr<Key> key = ReadPublicKey(pem);
    if (!key.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("keys[\"", kid, "\"].", key.status().message()));
    }
    keys.emplace(kid, *std::move(key));
  }
  return TokenVerifier(options, std::move(keys), clock);
}

absl::StatusOr<EVP_PKEY*> TokenVerifier::KeyFor(const Claims& header) const {
  const std::string* algorithm = TextOf(header, "alg");
  if (algorithm == nullptr) return Refused("alg: must be \"RS256\"");
  if (*algorithm != "RS256") {
    return Refused("alg: must be \"RS256\", got \"",
                   algorithm->substr(0, kShown), "\"");
  }
  if (header.contains("crit")) {
    return Refused("crit: no extension is understood");
  }
  const std::string* kid = TextOf(header, "kid");
  if (kid == nullptr) return Refused("kid: must name a key");
  const auto key = keys_.find(*kid);
  if (key == keys_.end()) {
    return Refused("kid: no key \"", kid->substr(0, kShown), "\"");
  }
  return key->second.get();
}

absl::Status TokenVerifier::CheckTimes(const Claims& claims) const {
  const absl::Time now = clock_->WallTime();
  const double* expires = NumberOf(claims, "exp");
  if (expires == nullptr) return Refused("exp: must be a time in seconds");
  if (now >= TimeOf(*expires) + skew_) {
    return Refused("exp: expired at ", absl::FormatTime(TimeOf(*expires)));
  }
  if (!claims.contains("nbf")) return absl::OkStatus();
  const double* begins = NumberOf(claims, "nbf");
  if (begins == nullptr) return Refused("nbf: must be a time in seconds");
  if (now < TimeOf(*begins) - skew_) {
    return Refused("nbf: not before ", absl::FormatTime(TimeOf(*begins)));
  }
  return absl::OkStatus();
}

absl::Status TokenVerifier::CheckAudience(const Claims& claims) const {
  const std::string* one = TextOf(claims, "aud");
  if (one != nullptr && *one == audience_) return absl::OkStatus();
  const auto found = claims.find("aud");
  if (found != claims.end()) {
    const auto* many = std::get_if<std::vector<std::string>>(&found->second);
    if (many != nullptr &&
        std::find(many->begin(), many->end(), audience_) != many->end()) {
      return absl::OkStatus();
    }
  }
  return Refused("aud: must be or have \"", audience_, "\"");
}

absl::StatusOr<Claims> TokenVerifier::Verify(std::string_view token) const {
  if (token.size() > kLongestToken) {
    return Refused("must have at most ", kLongestToken, " bytes, got ",
                   token.size());
  }
  ASSIGN_OR_RETURN(const Parts parts, Split(token));
  ASSIGN_OR_RETURN(const Claims header, Read("header", parts.header));
  ASSIGN_OR_RETURN(EVP_PKEY * key, KeyFor(header));
  ASSIGN_OR_RETURN(const std::string signature,
                   Decode("signature", parts.signature));
  if (!IsSignature(key, parts.is_signed, signature)) {
    return Refused("signature does not match");
  }
  ASSIGN_OR_RETURN(Claims claims, Read("claims", parts.claims));
  RETURN_IF_ERROR(CheckTimes(claims));
  RETURN_IF_ERROR(CheckAudience(claims));
  return claims;
}

}  // namespace perfrig::tokens
