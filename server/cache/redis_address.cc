#include "server/cache/redis_address.h"

#include <charconv>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace perfrig::cache {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kScheme = "redis://";

// A password may be in it, so the text itself is not shown.
absl::Status Invalid(std::string_view rule) {
  return absl::InvalidArgumentError(
      absl::StrCat("must be [redis://][[user]:password@]host[:port][/database] "
                   "or unix:/path: ",
                   std::string(rule)));
}

template <class Number>
bool Parse(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

}  // namespace

absl::StatusOr<RedisAddress> ParseRedisAddress(std::string_view text) {
  RedisAddress address;
  if (text.starts_with(kUnix)) {
    address.host = text.substr(kUnix.size());
    address.port = 0;
    if (address.host.empty()) return Invalid("the socket's path is empty");
    return address;
  }
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = text.substr(0, at);
    const auto colon = login.find(':');
    if (colon == std::string_view::npos) {
      return Invalid("no ':' before the password");
    }
    address.user = login.substr(0, colon);
    address.password = login.substr(colon + 1);
    if (address.password.empty()) return Invalid("the password is empty");
    text.remove_prefix(at + 1);
  }
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view database = text.substr(slash + 1);
    if (!database.empty() && !Parse(database, address.database)) {
      return Invalid("the database must be a number");
    }
    text = text.substr(0, slash);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) {
      return Invalid("no ']' after the IPv6 address");
    }
    address.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    address.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (address.host.empty()) return Invalid("the host is empty");
  if (!port.empty() &&
      (port.front() != ':' || !Parse(port.substr(1), address.port) ||
       address.port == 0)) {
    return Invalid("the port must be 1 to 65535");
  }
  return address;
}

}  // namespace perfrig::cache
