#include "server/suites/token_template.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "server/suites/quantity.h"
#include "server/tokens/keys.h"
#include "server/tokens/signer.h"

namespace perfrig::suites {
namespace {

absl::Status Wrong(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("{{jwt}} ", std::string(what)));
}

// "1h", "-5m": one that has passed makes a token that has expired.
std::optional<absl::Duration> ParseTime(std::string_view text) {
  const bool negative = text.starts_with("-");
  if (negative) text.remove_prefix(1);
  const std::optional<Number> number = ParseNumber(text);
  if (!number || UnitOf(number->quantity) != Unit::kSeconds) {
    return std::nullopt;
  }
  const absl::Duration time = absl::Seconds(number->value);
  return negative ? -time : time;
}

}  // namespace

absl::StatusOr<TokenTemplate> TokenTemplate::Parse(
    const std::vector<std::string>& words) {
  TokenTemplate result;
  const std::string algorithm = words.size() > 1 ? words[1] : "";
  if (algorithm != "RS256" && algorithm != "HS256") {
    return Wrong(absl::StrCat(
        "needs RS256 or HS256 first, as in {{jwt RS256 key=NAME sub=u-1}}",
        algorithm.empty() ? "" : ", got ", algorithm));
  }
  result.rsa_ = algorithm == "RS256";
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos || equals == 0) {
      return Wrong(absl::StrCat("takes NAME=VALUE, got ", words[i]));
    }
    RETURN_IF_ERROR(
        result.Set(words[i].substr(0, equals), words[i].substr(equals + 1)));
  }
  if (result.key_.empty()) {
    return Wrong("needs key=NAME, the variable that holds its key");
  }
  return result;
}

absl::Status TokenTemplate::Set(const std::string& name,
                                const std::string& value) {
  if (name == "key") {
    key_ = value;
  } else if (name == "kid") {
    kid_ = value;
  } else if (name == "ttl") {
    const auto time = ParseTime(value);
    if (!time)
      return Wrong(absl::StrCat("needs a time as in ttl=1h, got ", value));
    ttl_ = *time;
  } else if (name == "sub" || name == "aud" || name == "iss" || name == "jti" ||
             name == "scope") {
    claims_[name] = value;
  } else {
    return Wrong(absl::StrCat(
        "has no \"", name, "\"",
        DidYouMean(name,
                   {"key", "kid", "ttl", "sub", "aud", "iss", "jti", "scope"}),
        "; it takes key, kid, ttl, sub, aud, iss, jti and scope"));
  }
  return absl::OkStatus();
}

absl::Status TokenTemplate::CheckKey(const Supplied& supplied) const {
  const auto found = supplied.variables.find(key_);
  if (found == supplied.variables.end()) {
    return Wrong(
        absl::StrCat("key=", key_, ": the variable ", key_, " is not set"));
  }
  if (!rsa_) {
    if (!found->second.empty()) return absl::OkStatus();
    return Wrong(absl::StrCat("key=", key_, ": the variable is empty"));
  }
  const absl::Status status = tokens::ReadPrivateKey(found->second).status();
  if (status.ok()) return absl::OkStatus();
  return Wrong(absl::StrCat("key=", key_,
                            ": the variable holds no private RSA key in PEM "
                            "of 2,048 bits or more"));
}

std::string TokenTemplate::Sign(const Supplied& supplied) const {
  tokens::Claims claims = claims_;
  claims["iat"] = static_cast<double>(absl::ToUnixSeconds(supplied.now));
  claims["exp"] = static_cast<double>(absl::ToUnixSeconds(supplied.now + ttl_));
  const std::string& key = supplied.variables.at(key_);
  if (!rsa_) return tokens::SignWithSecret(key, kid_, claims);
  return tokens::TokenSigner(kid_, *tokens::ReadPrivateKey(key)).Sign(claims);
}

}  // namespace perfrig::suites
