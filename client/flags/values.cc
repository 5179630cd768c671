#include "client/flags/values.h"

#include <array>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/address.h"

namespace perfrig {
namespace {

absl::Status Wrong(std::string_view expected, std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "must be ", std::string(expected), ", got \"", std::string(text), "\""));
}

bool TakeSuffix(std::string_view& text, std::string_view suffix) {
  if (text.size() < suffix.size()) return false;
  if (text.substr(text.size() - suffix.size()) != suffix) return false;
  text.remove_suffix(suffix.size());
  return true;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  constexpr std::string_view kExpected =
      "a time with a unit, such as 250ms, 10s or 2m30s";
  absl::Duration duration;
  if (!absl::ParseDuration(std::string(text), &duration)) {
    return Wrong(kExpected, text);
  }
  if (duration < absl::ZeroDuration() || duration > absl::Hours(24 * 365)) {
    return Wrong("between 0 and a year", text);
  }
  return duration;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration result;
  const std::int64_t seconds =
      absl::IDivDuration(duration, absl::Seconds(1), &duration);
  result.set_seconds(seconds);
  result.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(duration)));
  return result;
}

absl::StatusOr<google::protobuf::Duration> ParseProtoDuration(
    std::string_view text) {
  ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(text));
  return ToProto(duration);
}

absl::StatusOr<double> ParseNumber(std::string_view text) {
  double value = 0;
  if (!absl::SimpleAtod(std::string(text), &value) || !std::isfinite(value)) {
    return Wrong("a number", text);
  }
  return value;
}

absl::StatusOr<double> ParseRate(std::string_view text) {
  constexpr std::string_view kExpected =
      "a rate above 0, such as 1000/s, 60/m or 0.5/s";
  std::string_view digits = text;
  double seconds = 1;
  if (TakeSuffix(digits, "/m") || TakeSuffix(digits, "/min")) {
    seconds = 60;
  } else if (TakeSuffix(digits, "/h")) {
    seconds = 3600;
  } else {
    TakeSuffix(digits, "/s");
  }
  const absl::StatusOr<double> value = ParseNumber(digits);
  if (!value.ok() || *value <= 0) return Wrong(kExpected, text);
  return *value / seconds;
}

absl::StatusOr<double> ParseShare(std::string_view text) {
  constexpr std::string_view kExpected = "a share from 0% to 100%";
  std::string_view digits = text;
  const double scale = TakeSuffix(digits, "%") ? 100 : 1;
  const absl::StatusOr<double> value = ParseNumber(digits);
  if (!value.ok() || *value < 0 || *value / scale > 1) {
    return Wrong(kExpected, text);
  }
  return *value / scale;
}

absl::StatusOr<double> ParseBytes(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> kUnits = {{
      {"KiB", 1024.0},
      {"MiB", 1024.0 * 1024},
      {"GiB", 1024.0 * 1024 * 1024},
      {"KB", 1e3},
      {"kB", 1e3},
      {"MB", 1e6},
      {"GB", 1e9},
      {"B", 1},
  }};
  std::string_view digits = text;
  double scale = 1;
  TakeSuffix(digits, "/s");
  for (const auto& [unit, bytes] : kUnits) {
    if (!TakeSuffix(digits, unit)) continue;
    scale = bytes;
    break;
  }
  const absl::StatusOr<double> value = ParseNumber(digits);
  if (!value.ok() || *value < 0) {
    return Wrong("an amount of bytes, such as 512, 10MB or 1GiB", text);
  }
  return *value * scale;
}

absl::Status CheckAddress(std::string_view text) {
  if (IsAddress(text)) return absl::OkStatus();
  return Wrong("host:port, dns:///name:port or unix:/path", text);
}

absl::Status CheckTarget(std::string_view text) {
  if (text == "self" || text == "spawn") return absl::OkStatus();
  if (IsAddress(text)) return absl::OkStatus();
  return Wrong("self, spawn, host:port, dns:///name:port or unix:/path", text);
}

absl::StatusOr<std::pair<std::string, std::string>> ParseAssignment(
    std::string_view text) {
  const std::size_t at = text.find('=');
  if (at == std::string_view::npos || at == 0) return Wrong("KEY=VALUE", text);
  return std::pair(std::string(text.substr(0, at)),
                   std::string(text.substr(at + 1)));
}

absl::StatusOr<std::map<std::string, std::string>> ParseAssignments(
    std::string_view flag, const std::vector<std::string>& texts) {
  std::map<std::string, std::string> result;
  for (const std::string& text : texts) {
    auto pair = ParseAssignment(text);
    if (!pair.ok()) return Named(flag, pair.status());
    if (!result.insert(*pair).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(std::string(flag), " ", pair->first, " is given twice"));
    }
  }
  return result;
}

absl::Status Named(std::string_view flag, const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat(std::string(flag), " ", std::string(status.message())));
}

}  // namespace perfrig
