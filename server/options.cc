// The table of all options.
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "server/address.h"
#include "server/allowed_targets.h"
#include "server/backends/postgres_pool.h"
#include "server/backends/s3_options.h"
#include "server/cache/redis_address.h"
#include "server/config.h"

namespace perfrig {
namespace {

using Setter = std::function<absl::Status(Config&, const std::string&)>;

absl::Status Broken(std::string_view rule, const std::string& value) {
  return absl::InvalidArgumentError(
      absl::StrCat("must be ", std::string(rule), ", got \"", value, "\""));
}

Setter OneOf(std::string Config::*field, std::vector<std::string> values) {
  return [field, values = std::move(values)](Config& config,
                                             const std::string& value) {
    for (const std::string& each : values) {
      if (value == each) {
        config.*field = value;
        return absl::OkStatus();
      }
    }
    return Broken(absl::StrJoin(values, ", "), value);
  };
}

template <typename Number>
Setter Between(Number Config::*field, std::int64_t least, std::int64_t most) {
  return [=](Config& config, const std::string& value) {
    std::int64_t number = 0;
    if (!absl::SimpleAtoi(value, &number) || number < least || number > most) {
      return Broken(absl::StrCat(least, " to ", most), value);
    }
    config.*field = static_cast<Number>(number);
    return absl::OkStatus();
  };
}

Setter Address(std::string Config::*field) {
  return [field](Config& config, const std::string& value) {
    const absl::StatusOr<HostPort> parsed = ParseHostPort(value);
    if (!parsed.ok()) return parsed.status();
    config.*field = parsed->ToString();
    return absl::OkStatus();
  };
}

Setter Time(absl::Duration Config::*field, absl::Duration most) {
  return [=](Config& config, const std::string& value) {
    absl::Duration parsed;
    if (!absl::ParseDuration(value, &parsed) || parsed < absl::ZeroDuration() ||
        parsed > most) {
      return Broken(absl::StrCat("a time of 0s to ", absl::FormatDuration(most),
                                 " such as 500ms"),
                    value);
    }
    config.*field = parsed;
    return absl::OkStatus();
  };
}

Setter Switch(bool Config::*field) {
  return [field](Config& config, const std::string& value) {
    if (value != "true" && value != "false") {
      return Broken("true or false", value);
    }
    config.*field = value == "true";
    return absl::OkStatus();
  };
}

absl::Status SetSuites(Config& config, const std::string& value) {
  std::error_code error;
  if (!value.empty() && !std::filesystem::is_directory(value, error)) {
    return Broken("a folder", value);
  }
  config.suites = value;
  return absl::OkStatus();
}

absl::Status SetBehavior(Config& config, const std::string& value) {
  std::error_code error;
  if (!value.empty() && (!std::filesystem::exists(value, error) ||
                         std::filesystem::is_directory(value, error))) {
    return Broken("a file", value);
  }
  config.behavior = value;
  return absl::OkStatus();
}

absl::Status SetPostgresql(Config& config, const std::string& value) {
  if (!backends::PostgresPool::Check({.conninfo = value}).ok()) {
    // What was got may hold a password.
    return absl::InvalidArgumentError(
        "must be libpq's \"host=… dbname=…\" or a URI postgresql://…");
  }
  config.postgresql = value;
  return absl::OkStatus();
}

absl::Status AddAllowedTarget(Config& config, const std::string& value) {
  absl::Status status = CheckAllowedTarget(value);
  if (status.ok()) config.allow_target.push_back(value);
  return status;
}

absl::Status SetRedis(Config& config, const std::string& value) {
  absl::Status status;
  if (!value.empty()) status = cache::ParseRedisAddress(value).status();
  if (status.ok()) config.redis = value;
  return status;
}

absl::Status SetS3(Config& config, const std::string& value) {
  // Without the value, which may hold a secret.
  if (!value.empty()) RETURN_IF_ERROR(backends::ParseS3Url(value).status());
  config.s3 = value;
  return absl::OkStatus();
}

std::vector<Option> AddressOptions() {
  return {
      {"control-address", Option::Kind::kValue, "HOST:PORT",
       "Where the control API listens; port 0: any free one.", "127.0.0.1:7070",
       Address(&Config::control_address)},
      {"http-address", Option::Kind::kValue, "HOST:PORT",
       "Where /metrics and /healthz listen; port 0: any free one.",
       "127.0.0.1:7071", Address(&Config::http_address)},
      {"target-address", Option::Kind::kValue, "HOST:PORT",
       "Where the mock targets listen; port 0: any free one.", "127.0.0.1:7072",
       Address(&Config::target_address)},
  };
}

// Real services that a target asks where its behavior says so.
std::vector<Option> BackEndOptions() {
  using enum Option::Kind;
  return {
      {"redis", kValue, "ADDRESS",
       "Redis for the cache's l2_back_end: real; "
       "[redis://][[user]:password@]host[:port][/database] or unix:/path.",
       "", SetRedis},
      {"postgresql", kValue, "CONNINFO",
       "PostgreSQL behind the Database target where its back_end is REAL: "
       "libpq's \"host=… dbname=…\" or a URI. What it writes stands in the "
       "schema perfrig alone.",
       "", SetPostgresql},
      {"s3", kValue, "URL",
       "The bucket behind the ObjectStore target where its back_end is REAL: "
       "http[s]://[ACCESS:SECRET@]HOST[:PORT]/BUCKET[?region=REGION], keys as "
       "they stand; without them those of AWS_ACCESS_KEY_ID and "
       "AWS_SECRET_ACCESS_KEY. Others see what stands on the command line: "
       "the environment is the better place.",
       "", SetS3},
  };
}

std::vector<Option> RunOptions() {
  using enum Option::Kind;
  return {
      {"suites", kValue, "FOLDER",
       "YAML suites beside the shipped ones, which they replace by name.", "",
       SetSuites},
      {"allow-target", kList, "HOST[:PORT]",
       "Where load may go: self, spawn, loopback, names, globs, addresses, "
       "networks such as 10.0.0.0/8.",
       "self,spawn,loopback", AddAllowedTarget,
       [](Config& config) { config.allow_target.clear(); }},
      {"allow-call-overrides", kSwitch, "",
       "Lets a call set its own delay and fault by metadata.", "false",
       Switch(&Config::allow_call_overrides)},
      {"behavior", kValue, "FILE",
       "YAML behavior of the mock targets, each under its name, in force at "
       "the start and after a reset.",
       "", SetBehavior},
      {"drain-timeout", kValue, "TIME",
       "How long a run may go on after SIGTERM; 0s to 24h.", "30s",
       Time(&Config::drain_timeout, absl::Hours(24))},
      {"queue-limit", kValue, "RUNS",
       "Runs that may wait their turn; 0 to 10000.", "16",
       Between(&Config::queue_limit, 0, 10'000)},
      {"keep-runs", kValue, "RUNS",
       "Finished runs kept in memory, 256 MiB at most; 1 to 100000.", "200",
       Between(&Config::keep_runs, 1, 100'000)},
      {"lanes", kValue, "THREADS",
       "Threads that make load; 0 to 1024, 0: half of the cores.", "0",
       Between(&Config::lanes, 0, 1'024)},
  };
}

std::vector<Option> ProcessOptions() {
  using enum Option::Kind;
  return {
      {"log-level", kValue, "LEVEL",
       "The least that is logged: debug, info, warning, error or off.", "info",
       OneOf(&Config::log_level, {"debug", "info", "warning", "error", "off"})},
      {"log-format", kValue, "FORMAT", "How it is logged: text or json.",
       "text", OneOf(&Config::log_format, {"text", "json"})},
      {"targets-only", kSwitch, "",
       "Serves the mock targets and nothing else: no runs, no HTTP.", "false",
       Switch(&Config::targets_only)},
      {"ready-fd", kValue, "FD",
       "Writes the bound addresses to this file descriptor once serving; "
       "-1: none.",
       "-1", Between(&Config::ready_fd, -1, 1'000'000)},
      {"exit-with-fd", kValue, "FD",
       "Cancels what runs and exits when the other end of this file "
       "descriptor is closed; -1: none.",
       "-1", Between(&Config::exit_with_fd, -1, 1'000'000)},
      {"ask-fd", kValue, "FD",
       "With --targets-only: answers requests for a profile of the CPU that "
       "come from this file descriptor; -1: none.",
       "-1", Between(&Config::ask_fd, -1, 1'000'000)},
  };
}

std::vector<Option> AllOptions() {
  std::vector<Option> options = AddressOptions();
  for (auto& each : BackEndOptions()) options.push_back(std::move(each));
  for (auto& each : RunOptions()) options.push_back(std::move(each));
  for (auto& each : ProcessOptions()) options.push_back(std::move(each));
  return options;
}

}  // namespace

const std::vector<Option>& Options() {
  static const std::vector<Option>& options =
      *new std::vector<Option>(AllOptions());
  return options;
}

}  // namespace perfrig
