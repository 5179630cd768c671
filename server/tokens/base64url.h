// Base64url as RFC 7515 wants it: no padding, no white space, and exactly one
// text for each sequence of bytes, which Abseil's decoder doesn't insist on.
#ifndef PERFRIG_SERVER_TOKENS_BASE64URL_H_
#define PERFRIG_SERVER_TOKENS_BASE64URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace perfrig::tokens {

std::string EncodeBase64Url(std::string_view bytes);
// Nothing for a text that EncodeBase64Url does not write.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace perfrig::tokens

#endif  // PERFRIG_SERVER_TOKENS_BASE64URL_H_
