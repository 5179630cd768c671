#include "client/commands/load_flags.h"

#include "client/flags/values.h"

namespace perfrig {
void AddLoadFlags(CLI::App& command, LoadFlags& flags) {
  auto* users = command.add_option(
      "--users", flags.users,
      "Closed load: each waits for its answer (1 to 100,000)");
  users->check(CLI::Range(1U, 100'000U));
  command
      .add_option("--rate", flags.rate,
                  "Open load: calls planned, such as 1000/s or 60/m")
      ->excludes(users);
  command.add_option("--duration", flags.duration, "For how long: 30s, 2m");
  command.add_option("--iterations", flags.iterations, "Ends after this many")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--connections", flags.connections,
                  "Connections in all (1 to 10,000; default: one a lane)")
      ->check(CLI::Range(1U, 10'000U));
}

absl::StatusOr<v1::Load> ParseLoad(const LoadFlags& flags) {
  v1::Load load;
  load.set_users(flags.users);
  load.set_iterations(flags.iterations);
  load.set_connections(flags.connections);
  if (!flags.rate.empty()) {
    const auto rate = ParseRate(flags.rate);
    if (!rate.ok()) return Named("--rate", rate.status());
    load.set_rate(*rate);
  }
  if (!flags.duration.empty()) {
    const auto duration = ParseProtoDuration(flags.duration);
    if (!duration.ok()) return Named("--duration", duration.status());
    if (duration->seconds() == 0 && duration->nanos() == 0) {
      return absl::InvalidArgumentError("--duration must be above 0");
    }
    *load.mutable_duration() = *duration;
  }
  return load;
}

}  // namespace perfrig
