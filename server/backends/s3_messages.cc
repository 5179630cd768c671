#include "server/backends/s3_messages.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/backends/xml_leaves.h"

namespace perfrig::backends {
namespace {

constexpr std::string_view kListed = "ListBucketResult/";
// Behind that of any object; servers read no larger numbers, and give all of an
// object where they cannot read what part is asked for.
constexpr std::uint64_t kLastByte = INT64_MAX;
constexpr char kDigest[] = "x-amz-meta-sha256";

std::string Encode(std::string_view text, bool keeps_slashes) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' ||
        c == '~' || (keeps_slashes && c == '/')) {
      encoded += c;
    } else {
      absl::StrAppend(&encoded, "%",
                      absl::AsciiStrToUpper(absl::StrCat(absl::Hex(
                          static_cast<unsigned char>(c), absl::kZeroPad2))));
    }
  }
  return encoded;
}

std::string ValueOf(const HttpHead& head, std::string_view name) {
  const auto found = head.headers.find(name);
  return found == head.headers.end() ? std::string() : found->second;
}

absl::StatusCode CodeOf(int status) {
  switch (status) {
    case 400:
      return absl::StatusCode::kInvalidArgument;
    case 401:
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 409:
      return absl::StatusCode::kAborted;
    case 412:
      return absl::StatusCode::kFailedPrecondition;
    case 416:
      return absl::StatusCode::kOutOfRange;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    case 500:
    case 502:
    case 503:
    case 504:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  std::size_t size = 0;
  // Fails only without memory or without OpenSSL's own digests.
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(),
                   digest.data(), &size) != 1) {
    std::abort();
  }
  return absl::BytesToHexString(
      std::string(reinterpret_cast<const char*>(digest.data()), size));
}

std::string RangeHeader(std::uint64_t offset, std::uint64_t length) {
  if (offset == 0 && length == 0) return "";
  const std::uint64_t first = std::min(offset, kLastByte);
  std::string range = absl::StrCat("Range: bytes=", first, "-");
  // The last byte is named too.
  if (length > 0 && length - 1 <= kLastByte - first) {
    absl::StrAppend(&range, first + (length - 1));
  }
  return range;
}

std::string Sha256Header(std::string_view digest) {
  return absl::StrCat(kDigest, ": ",
                      absl::string_view(digest.data(), digest.size()));
}

HttpRequest S3Request(const S3Place& place, std::string method,
                      std::string_view key,
                      const std::map<std::string, std::string>& query,
                      std::string body) {
  HttpRequest request;
  request.url = absl::StrCat(place.endpoint, "/", Encode(place.bucket, false),
                             key.empty() ? "" : "/", Encode(key, true));
  char before = '?';
  for (const auto& [name, value] : query) {
    absl::StrAppend(&request.url, std::string(1, before), Encode(name, false),
                    "=", Encode(value, false));
    before = '&';
  }
  request.headers.push_back(
      absl::StrCat("x-amz-content-sha256: ", Sha256Hex(body)));
  request.method = std::move(method);
  request.body = std::move(body);
  return request;
}

absl::Status StatusOf(const S3Answer& answer) {
  const auto leaves = ReadXmlLeaves(answer.body);
  const std::string code =
      leaves.ok() ? LeafOf(*leaves, "Error/Code") : std::string();
  const int status = answer.head.status;
  // What takes long says 200 first and may still end in an error.
  if (status >= 200 && status < 300 && code.empty()) return absl::OkStatus();
  const std::string why =
      leaves.ok() ? LeafOf(*leaves, "Error/Message") : std::string();
  // Not the object is missing but where it should be.
  const absl::StatusCode kind = code == "NoSuchBucket"
                                    ? absl::StatusCode::kFailedPrecondition
                                    : CodeOf(status);
  return {kind, absl::StrCat("s3: ", status, code.empty() ? "" : " ", code,
                             why.empty() ? "" : ": ", why)};
}

std::string EtagOf(std::string_view quoted) {
  if (quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"') {
    quoted = quoted.substr(1, quoted.size() - 2);
  }
  return std::string(quoted);
}

target::v1::ObjectInfo InfoOf(std::string_view key, const HttpHead& head) {
  target::v1::ObjectInfo info;
  info.set_key(std::string(key));
  info.set_etag(EtagOf(ValueOf(head, "etag")));
  info.set_sha256(ValueOf(head, kDigest));
  // Of a part: "bytes 0-4/100".
  const std::string range = ValueOf(head, "content-range");
  std::string size = ValueOf(head, "content-length");
  if (!range.empty()) size = range.substr(range.rfind('/') + 1);
  std::uint64_t bytes = 0;
  if (absl::SimpleAtoi(size, &bytes)) info.set_size_bytes(bytes);
  return info;
}

absl::StatusOr<target::v1::ListObjectsResponse> ReadList(
    std::string_view body) {
  const auto leaves = ReadXmlLeaves(body);
  if (!leaves.ok()) {
    return absl::InternalError(
        absl::StrCat("s3: the list is no list: ", leaves.status().message()));
  }
  target::v1::ListObjectsResponse list;
  target::v1::ObjectInfo object;
  for (const auto& [path, text] : *leaves) {
    if (!path.starts_with(kListed)) continue;
    const std::string_view name = std::string_view(path).substr(kListed.size());
    if (name == "NextContinuationToken") {
      list.set_next_page_token(text);
    } else if (name == "Contents/Key") {
      object.set_key(text);
    } else if (name == "Contents/ETag") {
      object.set_etag(EtagOf(text));
    } else if (name == "Contents/Size") {
      std::uint64_t bytes = 0;
      if (absl::SimpleAtoi(text, &bytes)) object.set_size_bytes(bytes);
    } else if (name == "Contents/") {
      list.add_objects()->Swap(&object);
      object.Clear();
    }
  }
  return list;
}

}  // namespace perfrig::backends
