// The flags of `run` and `call` that shape the load.
#ifndef PERFRIG_CLIENT_COMMANDS_LOAD_FLAGS_H_
#define PERFRIG_CLIENT_COMMANDS_LOAD_FLAGS_H_

#include <cstdint>
#include <string>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// 0 and empty: not given.
struct LoadFlags {
  std::uint32_t users = 0;
  std::string rate;
  std::string duration;
  std::uint64_t iterations = 0;
  std::uint32_t connections = 0;
};

void AddLoadFlags(CLI::App& command, LoadFlags& flags);

// The fields that were given. Errors begin with the flag.
absl::StatusOr<v1::Load> ParseLoad(const LoadFlags& flags);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_LOAD_FLAGS_H_
