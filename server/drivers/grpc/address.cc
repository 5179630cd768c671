#include "server/drivers/grpc/address.h"

#include <netdb.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/sync/detached_work.h"

namespace perfrig::drivers {
namespace {

absl::Status Invalid(std::string_view text, std::string_view rule) {
  return absl::InvalidArgumentError(
      absl::StrCat("address \"", std::string(text), "\": ", std::string(rule)));
}

bool Strip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool IsPort(std::string_view port) {
  if (port.empty() || port.size() > 5) return false;
  int number = 0;
  for (const char digit : port) {
    if (digit < '0' || digit > '9') return false;
    number = number * 10 + (digit - '0');
  }
  return number >= 1 && number <= 65535;
}

absl::StatusOr<Address> ParseUnix(std::string_view text,
                                  std::string_view path) {
  if (path.starts_with("///")) path.remove_prefix(2);
  if (path.empty()) return Invalid(text, "the path of the socket is missing");
  if (path.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return Invalid(text, "the path of a unix socket has at most 107 bytes");
  }
  Address address;
  address.text = text;
  address.path = path;
  address.authority = "localhost";
  return address;
}

absl::StatusOr<Address> ParseHost(std::string_view text, std::string_view rest,
                                  int family) {
  std::string_view host;
  std::string_view port;
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) {
    return Invalid(text, "the port is missing; write host:port");
  }
  host = rest.substr(0, colon);
  port = rest.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return Invalid(text, "write host:port, and an IPv6 address in brackets");
  }
  if (host.empty()) return Invalid(text, "the host is missing");
  if (!IsPort(port)) return Invalid(text, "the port must be 1 to 65535");
  Address address;
  address.text = text;
  address.authority = rest;
  address.host = host;
  address.port = port;
  address.family = family;
  return address;
}

std::vector<Endpoint> UnixEndpoint(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), name.sun_path);
  Endpoint endpoint;
  std::memcpy(&endpoint.address, &name, sizeof(name));
  endpoint.length =
      offsetof(sockaddr_un, sun_path) + static_cast<socklen_t>(path.size()) + 1;
  return {endpoint};
}

// May block for as long as name servers are silent, unless `flags` says
// AI_NUMERICHOST.
absl::StatusOr<std::vector<Endpoint>> LookUp(const Address& address,
                                             int flags) {
  addrinfo hints{};
  hints.ai_family = address.family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  const int error =
      getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &list);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat(address.text, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list,
                                                                 &freeaddrinfo);
  std::vector<Endpoint> endpoints;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Endpoint endpoint;
    std::memcpy(&endpoint.address, entry->ai_addr, entry->ai_addrlen);
    endpoint.length = entry->ai_addrlen;
    endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  std::string_view rest = text;
  if (Strip(rest, "unix:")) return ParseUnix(text, rest);
  int family = AF_UNSPEC;
  if (Strip(rest, "ipv4:")) {
    family = AF_INET;
  } else if (Strip(rest, "ipv6:")) {
    family = AF_INET6;
  } else if (Strip(rest, "dns:///") || Strip(rest, "dns:")) {
    if (rest.starts_with("//")) {
      return Invalid(text, "a name server cannot be chosen; write dns:///name");
    }
  }
  return ParseHost(text, rest, family);
}

absl::StatusOr<std::vector<Endpoint>> Resolve(const Address& address,
                                              Nanos deadline,
                                              const std::stop_token& stop) {
  if (!address.path.empty()) return UnixEndpoint(address.path);
  absl::StatusOr<std::vector<Endpoint>> numeric =
      LookUp(address, AI_NUMERICHOST);
  if (numeric.ok() || address.family != AF_UNSPEC) return numeric;
  using Answer = absl::StatusOr<std::vector<Endpoint>>;
  // Shared with the look-up, which may end long after this.
  const auto answer = std::make_shared<Answer>();
  const absl::Status waited = AwaitDetached(
      [answer, address] { *answer = LookUp(address, 0); }, deadline, stop);
  if (absl::IsDeadlineExceeded(waited)) {
    return absl::UnavailableError(
        absl::StrCat(address.text, ": the name server did not answer in time"));
  }
  RETURN_IF_ERROR(waited);
  return std::move(*answer);
}

}  // namespace perfrig::drivers
