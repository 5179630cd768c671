#include "common/strings/address.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace perfrig {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kDns = "dns:///";
// DNS allows no longer name.
constexpr std::size_t kLongestHost = 253;

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port > 0;
}

bool IsMadeOf(std::string_view text, std::string_view signs) {
  return !text.empty() && text.size() <= kLongestHost &&
         std::all_of(text.begin(), text.end(), [signs](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') ||
                  signs.find(c) != std::string_view::npos;
         });
}

bool IsHost(std::string_view host) {
  if (!host.starts_with('[') || !host.ends_with(']')) {
    return IsMadeOf(host, "_.-");
  }
  const std::string_view v6 = host.substr(1, host.size() - 2);
  return IsMadeOf(v6, "_:.%") && v6.find(':') != std::string_view::npos;
}

}  // namespace

bool IsAddress(std::string_view text) {
  if (text.starts_with(kUnix)) return text.size() > kUnix.size();
  if (text.starts_with(kDns)) text.remove_prefix(kDns.size());
  const std::size_t colon = text.rfind(':');
  return colon != std::string_view::npos && IsHost(text.substr(0, colon)) &&
         IsPort(text.substr(colon + 1));
}

}  // namespace perfrig
