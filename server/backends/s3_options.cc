#include "server/backends/s3_options.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig::backends {
namespace {

constexpr std::string_view kRegion = "region=";

absl::Status Invalid(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "must be http[s]://[ACCESS:SECRET@]HOST[:PORT]/BUCKET[?region=REGION]: ",
      std::string(what)));
}

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
  });
}

// Up to the host, the keys left out.
std::string_view SchemeOf(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) return scheme;
  }
  return {};
}

absl::Status CheckHostPort(std::string_view text) {
  std::string_view port;
  std::size_t host = text.find(':');
  if (text.starts_with('[')) {
    host = text.find(']');
    if (host == std::string_view::npos) return Invalid("no ] after the host");
    ++host;
  }
  if (host < text.size()) port = text.substr(host);
  if (text.substr(0, host).empty()) return Invalid("the host is empty");
  if (port.empty()) return absl::OkStatus();
  std::uint16_t number = 0;
  const char* const end = port.data() + port.size();
  const auto [rest, error] = std::from_chars(port.data() + 1, end, number);
  if (port.front() == ':' && error == std::errc() && rest == end &&
      number != 0) {
    return absl::OkStatus();
  }
  return Invalid("the port must be 1 to 65535");
}

absl::Status TakeKeys(std::string_view& text, S3Options& options) {
  // Neither hosts nor buckets have one; secrets may.
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return absl::OkStatus();
  const std::string_view keys = text.substr(0, at);
  const std::size_t colon = keys.find(':');
  if (colon == std::string_view::npos) {
    return Invalid("no : between the access key and the secret");
  }
  options.access_key = keys.substr(0, colon);
  options.secret_key = keys.substr(colon + 1);
  if (options.access_key.empty()) return Invalid("the access key is empty");
  if (options.secret_key.empty()) return Invalid("the secret is empty");
  text.remove_prefix(at + 1);
  return absl::OkStatus();
}

absl::Status TakeRegion(std::string_view& text, S3Options& options) {
  const std::size_t mark = text.find('?');
  if (mark == std::string_view::npos) return absl::OkStatus();
  std::string_view query = text.substr(mark + 1);
  if (!query.starts_with(kRegion)) {
    return Invalid("after ? comes region=REGION and nothing else");
  }
  query.remove_prefix(kRegion.size());
  if (!IsName(query)) {
    return Invalid("the region must have letters, digits, - . and _ only");
  }
  options.region = query;
  text = text.substr(0, mark);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<S3Options> ParseS3Url(std::string_view text) {
  const std::string_view scheme = SchemeOf(text);
  if (scheme.empty()) return Invalid("it begins with neither");
  text.remove_prefix(scheme.size());
  S3Options options;
  RETURN_IF_ERROR(TakeKeys(text, options));
  RETURN_IF_ERROR(TakeRegion(text, options));
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return Invalid("no bucket");
  options.bucket = text.substr(slash + 1);
  if (!IsName(options.bucket)) {
    return Invalid("the bucket must have letters, digits, - . and _ only");
  }
  const std::string_view host = text.substr(0, slash);
  RETURN_IF_ERROR(CheckHostPort(host));
  options.endpoint = std::string(scheme) + std::string(host);
  return options;
}

absl::StatusOr<std::string> WithS3Keys(const std::string& url,
                                       std::string_view access_key,
                                       std::string_view secret_key) {
  ASSIGN_OR_RETURN(const S3Options options, ParseS3Url(url));
  if (!options.access_key.empty()) return url;
  if (access_key.empty() || secret_key.empty()) {
    return absl::InvalidArgumentError(
        "must have ACCESS:SECRET@ before the host, or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY must be set");
  }
  const std::size_t scheme = SchemeOf(url).size();
  return absl::StrCat(url.substr(0, scheme), std::string(access_key), ":",
                      std::string(secret_key), "@", url.substr(scheme));
}

}  // namespace perfrig::backends
