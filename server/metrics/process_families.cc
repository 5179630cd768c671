#include "server/metrics/process_families.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "server/metrics/family.h"

namespace perfrig::metrics {
namespace {

// Fields of /proc/self/stat from the third on: those after the name, which
// may itself hold spaces.
std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

// When the kernel started, Unix time; 0 if it does not say.
double BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word) {
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double Number(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

void AddOne(const char* name, const char* help, double value,
            std::vector<prometheus::MetricFamily>& families) {
  Family family = MakeGauge(name, help);
  family.Add({}, value);
  family.MoveTo(families);
}

void AddFiles(std::vector<prometheus::MetricFamily>& families) {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) {
    // One of them is the directory itself.
    AddOne("process_open_fds", "Open file descriptors.",
           static_cast<double>(std::distance(begin(files), end(files))) - 1,
           families);
  }
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    AddOne("process_max_fds", "File descriptors that may be open.",
           static_cast<double>(limit.rlim_cur), families);
  }
}

}  // namespace

void AddBuildFamily(const std::string& version,
                    std::vector<prometheus::MetricFamily>& families) {
  Family family = MakeGauge("perfrig_build_info", "Version of the daemon.");
  family.Add({{"version", version}}, 1);
  family.MoveTo(families);
}

void AddProcessFamilies(std::vector<prometheus::MetricFamily>& families) {
  AddFiles(families);
  // Numbers of proc(5), less the two fields before the third.
  constexpr std::size_t kUserTime = 14 - 3;
  constexpr std::size_t kSystemTime = 15 - 3;
  constexpr std::size_t kStartTime = 22 - 3;
  constexpr std::size_t kVirtualBytes = 23 - 3;
  constexpr std::size_t kResidentPages = 24 - 3;
  const std::vector<std::string> fields = StatFields();
  if (fields.size() <= kResidentPages) return;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  Family cpu = MakeCounter("process_cpu_seconds_total",
                           "Processor time used, user and system.");
  cpu.Add({},
          (Number(fields[kUserTime]) + Number(fields[kSystemTime])) / ticks);
  cpu.MoveTo(families);
  AddOne("process_start_time_seconds", "Start of the process, Unix time.",
         BootTime() + Number(fields[kStartTime]) / ticks, families);
  AddOne("process_virtual_memory_bytes", "Virtual memory.",
         Number(fields[kVirtualBytes]), families);
  AddOne("process_resident_memory_bytes", "Resident memory.",
         Number(fields[kResidentPages]) *
             static_cast<double>(sysconf(_SC_PAGESIZE)),
         families);
}

}  // namespace perfrig::metrics
