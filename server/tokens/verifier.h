// Checks tokens: JWT (RFC 7519), signed with RS256 and nothing else.
//
//   ASSIGN_OR_RETURN(auto verifier, TokenVerifier::Create(
//       {.audience = "perfrig", .keys = {{"key-1", pem}}}, clock));
//   ASSIGN_OR_RETURN(Claims claims, verifier.Verify(token));
//
// libjwt would check neither exp nor nbf nor aud.
#ifndef PERFRIG_SERVER_TOKENS_VERIFIER_H_
#define PERFRIG_SERVER_TOKENS_VERIFIER_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/time/clock.h"
#include "server/tokens/claims.h"
#include "server/tokens/keys.h"

namespace perfrig::tokens {

struct VerifierOptions {
  // What `aud` must be or have.
  std::string audience;
  // By how much the clock of whoever signs may differ.
  absl::Duration clock_skew = absl::Seconds(30);
  // PEM by `kid`.
  std::map<std::string, std::string, std::less<>> keys;
};

// Thread-safe; a check takes about 50 µs.
class TokenVerifier {
 public:
  static constexpr std::size_t kLongestToken = 8'192;

  // INVALID_ARGUMENT for a key that cannot be used. `clock` outlives this.
  static absl::StatusOr<TokenVerifier> Create(const VerifierOptions& options,
                                              const Clock& clock);

  // UNAUTHENTICATED, with the reason, unless everything is right: the form, the
  // algorithm, the signature of the key named, exp (which must be there), nbf
  // and aud. Nothing is read from claims that are not signed.
  absl::StatusOr<Claims> Verify(std::string_view token) const;

 private:
  using Keys = std::map<std::string, Key, std::less<>>;

  TokenVerifier(const VerifierOptions& options, Keys keys, const Clock& clock)
      : audience_(options.audience),
        skew_(options.clock_skew),
        keys_(std::move(keys)),
        clock_(&clock) {}

  // The key that the header names.
  absl::StatusOr<EVP_PKEY*> KeyFor(const Claims& header) const;
  absl::Status CheckTimes(const Claims& claims) const;
  absl::Status CheckAudience(const Claims& claims) const;

  std::string audience_;
  absl::Duration skew_;
  Keys keys_;
  const Clock* clock_;
};

}  // namespace perfrig::tokens

#endif  // PERFRIG_SERVER_TOKENS_VERIFIER_H_
