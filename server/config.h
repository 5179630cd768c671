// What the operator can set, and how it is read: flags, then environment, then
// one YAML file, then defaults.
#ifndef PERFRIG_SERVER_CONFIG_H_
#define PERFRIG_SERVER_CONFIG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace perfrig {

// Made without more, it holds the defaults.
struct Config {
  // "host:port"; port 0: any free one.
  std::string control_address = "127.0.0.1:7070";
  std::string http_address = "127.0.0.1:7071";
  std::string target_address = "127.0.0.1:7072";
  // Folder of YAML suites; empty: the shipped ones only.
  std::string suites;
  std::vector<std::string> allow_target = {"self", "spawn", "loopback"};
  bool allow_call_overrides = false;
  // YAML file of the mock targets' behavior after a reset; empty: their own.
  std::string behavior;
  // Real back ends of the targets; empty: none.
  std::string redis;
  std::string postgresql;
  std::string s3;
  absl::Duration drain_timeout = absl::Seconds(30);
  std::uint32_t queue_limit = 16;
  std::uint32_t keep_runs = 200;
  // 0: half of the cores.
  std::uint32_t lanes = 0;
  std::string log_level = "info";
  std::string log_format = "text";
  // File descriptors; −1: none.
  int ready_fd = -1;
  int exit_with_fd = -1;
  int ask_fd = -1;
  // Nothing but the mock targets.
  bool targets_only = false;
  // What is started for `target: spawn`; not an option.
  std::string program = "/proc/self/exe";

  bool operator==(const Config&) const = default;
};

// One thing that can be set. Its environment variable and its key in the file
// follow from its name: "drain-timeout" is --drain-timeout,
// PERFRIG_DRAIN_TIMEOUT and `drain-timeout:`.
struct Option {
  enum class Kind { kValue, kSwitch, kList };

  std::string name;
  Kind kind = Kind::kValue;
  // What a value looks like: "HOST:PORT".
  std::string value_name;
  // One sentence with unit and range.
  std::string help;
  // As it would be written, for --help; lists separate by commas.
  std::string default_value;
  // Takes over a value (for lists: one more), or says which rule it breaks:
  // "must be …, got …".
  std::function<absl::Status(Config&, const std::string& value)> set;
  // Lists only: empties the list before the first value.
  std::function<void(Config&)> clear = nullptr;
};

// All options, each defined once.
const std::vector<Option>& Options();
// "drain-timeout" → "PERFRIG_DRAIN_TIMEOUT".
std::string EnvironmentName(std::string_view option);

// Values as one source gives them, by option; lists may have several.
struct GivenValue {
  std::vector<std::string> values;
  // Where they stand, for messages: "--lanes", "PERFRIG_LANES",
  // "perfrigd.yaml:3:8".
  std::string place;
};
using Given = std::map<std::string, GivenValue>;

// Keys and values of a YAML file. INVALID_ARGUMENT names file, line and column
// of everything that is wrong with it, and the nearest key of an unknown one.
absl::StatusOr<Given> ReadConfigText(std::string_view text,
                                     const std::string& file);
absl::StatusOr<Given> ReadConfigFile(const std::string& file);
// Options among the environment's variables; empty ones count as not set.
Given ReadEnvironment(
    const std::function<const char*(const char* name)>& variable);

// The strongest source of each option wins; `sources` come strongest first.
// INVALID_ARGUMENT lists all values that break a rule.
absl::StatusOr<Config> MakeConfig(const std::vector<Given>& sources);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_CONFIG_H_
