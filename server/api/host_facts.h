// What the kernel says about this host and this process.
#ifndef PERFRIG_SERVER_API_HOST_FACTS_H_
#define PERFRIG_SERVER_API_HOST_FACTS_H_

#include <cstdint>
#include <string>

namespace perfrig::api {

struct HostFacts {
  // That this process may use.
  std::uint32_t cores = 0;
  // "" where the kernel does not say.
  std::string cpu;
  // "Linux 6.1.0".
  std::string kernel;
};

HostFacts ReadHostFacts();

// Memory that this process holds now; 0 where the kernel does not say.
std::uint64_t ResidentBytes();

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_HOST_FACTS_H_
