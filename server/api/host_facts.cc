#include "server/api/host_facts.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"

namespace perfrig::api {
namespace {

std::uint32_t CoresOfProcess() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof(cores), &cores) != 0) return 0;
  return static_cast<std::uint32_t>(CPU_COUNT(&cores));
}

// The value of the first "model name : …" line.
std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "";
}

}  // namespace

HostFacts ReadHostFacts() {
  HostFacts facts;
  facts.cores = CoresOfProcess();
  facts.cpu = CpuModel();
  utsname names;
  if (uname(&names) == 0) {
    facts.kernel = absl::StrCat(names.sysname, " ", names.release);
  }
  return facts;
}

std::uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(file >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace perfrig::api
