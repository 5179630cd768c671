#include "server/allowed_targets.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/details.h"

namespace perfrig {
namespace {

constexpr std::string_view kWords[] = {"self", "spawn", "loopback"};

bool IsWord(std::string_view rule) {
  return std::find(std::begin(kWords), std::end(kWords), rule) !=
         std::end(kWords);
}

bool IsHostPattern(std::string_view host) {
  const auto right = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           std::string_view(".-_*?").find(c) != std::string_view::npos;
  };
  return !host.empty() && std::all_of(host.begin(), host.end(), right);
}

bool MatchesHost(const std::string& pattern, const std::string& host) {
  const auto wanted = ParseIp(pattern);
  const auto given = ParseIp(host);
  if (wanted.has_value() && given.has_value()) {
    return IN6_ARE_ADDR_EQUAL(&*wanted, &*given);
  }
  return fnmatch(pattern.c_str(), host.c_str(), FNM_CASEFOLD) == 0;
}

}  // namespace

absl::Status CheckAllowedTarget(std::string_view rule) {
  if (IsWord(rule) || IsNetwork(rule) || IsHostPattern(rule) ||
      ParseIp(rule).has_value()) {
    return absl::OkStatus();
  }
  const absl::StatusOr<HostPort> parsed = ParseHostPort(rule);
  if (parsed.ok() && parsed->port != 0 &&
      (IsHostPattern(parsed->host) || ParseIp(parsed->host).has_value())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "must be self, spawn, loopback, a network such as 10.0.0.0/8, or a "
      "name, glob or address with a port or without, got \"",
      std::string(rule), "\""));
}

AllowedTargets::AllowedTargets(std::vector<std::string> rules,
                               Resolver resolver)
    : rules_(std::move(rules)), resolver_(std::move(resolver)) {}

bool AllowedTargets::Has(std::string_view rule) const {
  return std::find(rules_.begin(), rules_.end(), rule) != rules_.end();
}

absl::Status AllowedTargets::AdmitSelf() const {
  return Has("self") ? absl::OkStatus() : Denied("self", "self");
}

absl::Status AllowedTargets::AdmitSpawn() const {
  return Has("spawn") ? absl::OkStatus() : Denied("spawn", "spawn");
}

bool AllowedTargets::AllowsName(const HostPort& target) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const auto& rule) {
    if (IsWord(rule) || IsNetwork(rule)) return false;
    if (IsHostPattern(rule) || ParseIp(rule).has_value()) {
      return MatchesHost(rule, target.host);
    }
    const auto parsed = ParseHostPort(rule);
    return parsed.ok() && parsed->port == target.port &&
           MatchesHost(parsed->host, target.host);
  });
}

bool AllowedTargets::AllowsAddress(const in6_addr& address) const {
  if (Has("loopback") && IsLoopback(address)) return true;
  return std::any_of(rules_.begin(), rules_.end(), [&](const auto& rule) {
    return InNetwork(address, rule);
  });
}

absl::StatusOr<std::string> AllowedTargets::Admit(
    std::string_view target, Nanos deadline,
    const std::stop_token& stop) const {
  if (target.starts_with("unix:")) {
    if (target == "unix:") {
      return absl::InvalidArgumentError("must be unix:PATH, got \"unix:\"");
    }
    if (Has("loopback")) return std::string(target);
    return Denied(target, target);
  }
  absl::StatusOr<HostPort> parsed = ParseHostPort(target);
  if (!parsed.ok()) return parsed.status();
  if (parsed->port == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "must have a port of 1 to 65535, got \"", std::string(target), "\""));
  }
  // localhost is the loopback network by definition (RFC 6761).
  const bool local = Has("loopback") && parsed->host == "localhost";
  if (local || AllowsName(*parsed)) return parsed->ToString();
  const absl::StatusOr<std::vector<in6_addr>> addresses =
      resolver_(parsed->host, deadline, stop);
  if (absl::IsCancelled(addresses.status())) return addresses.status();
  if (!addresses.ok()) {
    return Denied(target, parsed->host, addresses.status().message());
  }
  const bool allowed =
      !addresses->empty() &&
      std::all_of(addresses->begin(), addresses->end(),
                  [&](const auto& each) { return AllowsAddress(each); });
  if (!allowed) return Denied(target, parsed->host);
  return HostPort{ToText(addresses->front()), parsed->port}.ToString();
}

absl::Status AllowedTargets::Denied(std::string_view target,
                                    std::string_view host,
                                    absl::string_view unresolved) const {
  const std::string message = absl::StrCat(
      "load to \"", std::string(target), "\" is not allowed: ", unresolved,
      unresolved.empty() ? "" : "; if that is not the matter, ",
      "start perfrigd with --allow-target=", std::string(host),
      " beside what is allowed now (", absl::StrJoin(rules_, ", "), ")");
  return WithResource(absl::PermissionDeniedError(message), "address", target);
}

}  // namespace perfrig
