#include "server/suites/check_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/strings/address.h"
#include "common/strings/nearest.h"
#include "server/suites/metrics_catalog.h"
#include "server/suites/test_targets.h"

namespace perfrig::suites {
namespace {

constexpr std::string_view kSuites = "suites/";

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWord(char c) {
  return IsUpper(c) || IsLower(c) || IsDigit(c) || c == '_';
}

// Of 1 to `most` characters: letters, digits, _ and those of `others`.
bool IsMadeOf(std::string_view text, std::string_view others,
              std::size_t most) {
  return !text.empty() && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return IsWord(c) || others.find(c) != std::string_view::npos;
         });
}

bool IsIdentifier(std::string_view text) {
  return IsMadeOf(text, "", 200) && !IsDigit(text.front());
}

// "pkg.Service".
bool IsServiceName(std::string_view text) {
  while (true) {
    const std::size_t dot = text.find('.');
    if (!IsIdentifier(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string Got(std::string_view rule, std::string_view name) {
  return absl::StrCat(std::string(rule), ", got \"", std::string(name), "\"");
}

std::optional<std::string> RefuseReserved(std::string_view name) {
  if (!IsReservedName(name)) return std::nullopt;
  return Got("must not be the name of a built-in metric or aggregate", name);
}

}  // namespace

std::optional<std::string> CheckSuiteName(std::string_view name) {
  if (name.empty()) return "is missing: name the suite, as in suite: checkout";
  const std::string_view id =
      name.starts_with(kSuites) ? name.substr(kSuites.size()) : "";
  const bool fits = std::all_of(id.begin(), id.end(), [](char c) {
    return IsLower(c) || IsDigit(c) || c == '-';
  });
  if (fits && !id.empty() && id.size() <= 63) return std::nullopt;
  return Got("must be 1 to 63 of a-z, 0-9 and -",
             name.starts_with(kSuites) ? id : name);
}

std::optional<std::string> CheckTestName(std::string_view name) {
  if (!IsMadeOf(name, "-", 80)) {
    return Got("must be 1 to 80 of A-Z, a-z, 0-9, _ and -", name);
  }
  return RefuseReserved(name);
}

std::optional<std::string> CheckMetricName(std::string_view name) {
  if (!IsIdentifier(name) || name.size() > 80) {
    return Got("must be a letter or _, then up to 79 of A-Z, a-z, 0-9 and _",
               name);
  }
  return RefuseReserved(name);
}

std::optional<std::string> CheckTag(std::string_view tag) {
  if (IsMadeOf(tag, "-.:", 63)) return std::nullopt;
  return Got("must be 1 to 63 of A-Z, a-z, 0-9, _, -, . and :", tag);
}

std::optional<std::string> CheckMethodName(std::string_view name) {
  constexpr std::string_view kLocal = "local:";
  if (name.starts_with(kLocal)) {
    if (IsMadeOf(name.substr(kLocal.size()), "-./", 200)) return std::nullopt;
    return Got("must be local:NAME", name);
  }
  const std::size_t slash = name.find('/');
  if (slash != std::string_view::npos && IsServiceName(name.substr(0, slash)) &&
      IsIdentifier(name.substr(slash + 1))) {
    return std::nullopt;
  }
  return Got("must be pkg.Service/Method or local:NAME", name);
}

std::optional<std::string> CheckNeed(std::string_view need) {
  static const auto& needs =
      *new std::vector<std::string>{"redis", "postgresql", "s3", "baseline"};
  if (std::find(needs.begin(), needs.end(), need) != needs.end()) {
    return std::nullopt;
  }
  return Got("must be redis, postgresql, s3 or baseline", need) +
         DidYouMean(need, needs);
}

std::optional<std::string> CheckTargetName(std::string_view target) {
  if (IsOwn(target) || IsAddress(target)) return std::nullopt;
  return Got("must be self, spawn, host:port, dns:///name:port or unix:/path",
             target) +
         DidYouMean(target, {"self", "spawn"});
}

std::optional<std::string> CheckMetadataName(std::string_view name) {
  const bool fits = IsMadeOf(name, "-.", 200) &&
                    std::none_of(name.begin(), name.end(), IsUpper);
  if (!fits) {
    return Got("must be 1 to 200 of a-z, 0-9, _, - and .", name);
  }
  constexpr std::array<std::string_view, 5> kOurs = {
      "te", "content-type", "user-agent", "connection", "host"};
  if (name.starts_with("grpc-") ||
      std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end()) {
    return Got("must not be a header that belongs to gRPC", name);
  }
  return std::nullopt;
}

}  // namespace perfrig::suites
