#include "server/cache/envelope.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig::cache {
namespace {

constexpr char kSealed = 'S';
constexpr char kPlain = 'P';
constexpr std::size_t kHeaderBytes = 9;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::int64_t kNeverEnds = INT64_MAX;

void AppendNumber(std::uint64_t number, std::size_t bytes, std::string& text) {
  for (std::size_t i = bytes; i-- > 0;) {
    text += static_cast<char>(number >> (8 * i));
  }
}

std::uint64_t NumberOf(std::string_view text) {
  std::uint64_t number = 0;
  for (const char byte : text) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

// XXH3: a put has to afford it.
std::uint64_t Checksum(std::string_view context, std::string_view value) {
  return XXH3_64bits_withSeed(value.data(), value.size(),
                              XXH3_64bits(context.data(), context.size()));
}

absl::Time EndsAt(std::string_view header) {
  const auto end = static_cast<std::int64_t>(NumberOf(header.substr(1)));
  return end == kNeverEnds ? absl::InfiniteFuture() : absl::FromUnixMillis(end);
}

}  // namespace

std::string Wrap(std::string_view key, std::string_view value, absl::Time ends,
                 Keyring* keyring) {
  std::string bytes(1, keyring == nullptr ? kPlain : kSealed);
  const bool never = ends == absl::InfiniteFuture();
  AppendNumber(
      static_cast<std::uint64_t>(never ? kNeverEnds : absl::ToUnixMillis(ends)),
      8, bytes);
  const std::string context = absl::StrCat(bytes, std::string(key));
  if (keyring != nullptr) return bytes + keyring->Seal(value, context);
  bytes.reserve(bytes.size() + kChecksumBytes + value.size());
  AppendNumber(Checksum(context, value), kChecksumBytes, bytes);
  return bytes.append(value);
}

absl::StatusOr<Content> Unwrap(std::string_view key, std::string_view bytes,
                               const Keyring* keyring) {
  if (bytes.size() < kHeaderBytes) {
    return absl::DataLossError(
        absl::StrCat("a value of ", bytes.size(), " bytes has no header"));
  }
  const std::string_view header = bytes.substr(0, kHeaderBytes);
  const std::string_view body = bytes.substr(kHeaderBytes);
  const char kind = keyring == nullptr ? kPlain : kSealed;
  if (header.front() != kind) {
    return absl::DataLossError(absl::StrCat(
        "a value begins with byte ", static_cast<unsigned char>(header.front()),
        " instead of '", std::string(1, kind), "'"));
  }
  const std::string context = std::string(header).append(key);
  Content content{.ends = EndsAt(header)};
  if (keyring != nullptr) {
    ASSIGN_OR_RETURN(content.value, keyring->Open(body, context));
    return content;
  }
  if (body.size() < kChecksumBytes ||
      NumberOf(body.substr(0, kChecksumBytes)) !=
          Checksum(context, body.substr(kChecksumBytes))) {
    return absl::DataLossError("a value's checksum is wrong");
  }
  content.value = body.substr(kChecksumBytes);
  return content;
}

}  // namespace perfrig::cache
