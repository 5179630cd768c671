#include "server/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/sync/detached_work.h"

namespace perfrig {
namespace {

constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0,    0,
                                            0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(const in6_addr& address) {
  return std::memcmp(address.s6_addr, kMappedPrefix, sizeof(kMappedPrefix)) ==
         0;
}

in6_addr Mapped(const in_addr& address) {
  in6_addr mapped;
  std::memcpy(mapped.s6_addr, kMappedPrefix, sizeof(kMappedPrefix));
  std::memcpy(mapped.s6_addr + sizeof(kMappedPrefix), &address,
              sizeof(address));
  return mapped;
}

std::string_view WithoutScheme(std::string_view text) {
  for (const std::string_view scheme : {"dns:///", "dns:", "ipv4:", "ipv6:"}) {
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  }
  return text;
}

absl::Status NoAddress(std::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("must be host:port, got \"", std::string(text), "\""));
}

// Address and number of leading bits, counted in 16 bytes.
std::optional<std::pair<in6_addr, int>> ParseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = ParseIp(text.substr(0, slash));
  int bits = 0;
  if (!address.has_value() ||
      !absl::SimpleAtoi(std::string(text.substr(slash + 1)), &bits)) {
    return std::nullopt;
  }
  const bool v4 = text.find(':') == std::string_view::npos;
  if (bits < 0 || bits > (v4 ? 32 : 128)) return std::nullopt;
  return std::pair(*address, v4 ? bits + 96 : bits);
}

// May block for as long as name servers are silent.
absl::StatusOr<std::vector<in6_addr>> LookUp(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (code != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot resolve \"", host, "\": ", gai_strerror(code)));
  }
  std::vector<in6_addr> addresses;
  for (const addrinfo* each = first; each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET) {
      addresses.push_back(
          Mapped(reinterpret_cast<sockaddr_in*>(each->ai_addr)->sin_addr));
    } else if (each->ai_family == AF_INET6) {
      addresses.push_back(
          reinterpret_cast<sockaddr_in6*>(each->ai_addr)->sin6_addr);
    }
  }
  freeaddrinfo(first);
  return addresses;
}

}  // namespace

std::string HostPort::ToString() const {
  if (host.find(':') != std::string::npos) {
    return absl::StrCat("[", host, "]:", port);
  }
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  const std::string_view rest = WithoutScheme(text);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return NoAddress(text);
  std::string_view host = rest.substr(0, colon);
  int port = 0;
  if (!absl::SimpleAtoi(std::string(rest.substr(colon + 1)), &port) ||
      port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be host:port with a port of 0 to 65535, got \"",
                     std::string(text), "\""));
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return NoAddress(text);
  }
  if (host.empty() || host.find_first_of(" /") != std::string_view::npos) {
    return NoAddress(text);
  }
  return HostPort{std::string(host), static_cast<std::uint16_t>(port)};
}

std::optional<in6_addr> ParseIp(std::string_view text) {
  const std::string copy(text);
  in_addr v4;
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return Mapped(v4);
  in6_addr v6;
  if (inet_pton(AF_INET6, copy.c_str(), &v6) == 1) return v6;
  return std::nullopt;
}

std::string ToText(const in6_addr& address) {
  char text[INET6_ADDRSTRLEN];
  if (IsMapped(address)) {
    return inet_ntop(AF_INET, address.s6_addr + 12, text, sizeof(text));
  }
  return inet_ntop(AF_INET6, &address, text, sizeof(text));
}

bool IsLoopback(const in6_addr& address) {
  return InNetwork(address, "127.0.0.0/8") || InNetwork(address, "::1/128");
}

bool InNetwork(const in6_addr& address, std::string_view network) {
  const auto parsed = ParseNetwork(network);
  if (!parsed.has_value()) return false;
  const auto& [base, bits] = *parsed;
  for (int bit = 0; bit < bits; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if (((address.s6_addr[bit / 8] ^ base.s6_addr[bit / 8]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

bool IsNetwork(std::string_view text) { return ParseNetwork(text).has_value(); }

absl::StatusOr<std::vector<in6_addr>> ResolveName(const std::string& host,
                                                  Nanos deadline,
                                                  const std::stop_token& stop) {
  if (const auto ip = ParseIp(host)) return std::vector<in6_addr>{*ip};
  using Answer = absl::StatusOr<std::vector<in6_addr>>;
  // Shared with the look-up, which may end long after this.
  const auto answer = std::make_shared<Answer>();
  const absl::Status waited =
      AwaitDetached([answer, host] { *answer = LookUp(host); }, deadline, stop);
  if (absl::IsDeadlineExceeded(waited)) {
    return absl::UnavailableError(
        absl::StrCat("cannot resolve \"", host,
                     "\": the name server did not answer in time"));
  }
  RETURN_IF_ERROR(waited);
  return std::move(*answer);
}

}  // namespace perfrig
