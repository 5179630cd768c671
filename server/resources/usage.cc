#include "server/resources/usage.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

#include "common/time/process_time.h"

namespace perfrig::resources {
namespace {

std::string PathOf(pid_t process, const char* file) {
  return "/proc/" + std::to_string(process) + "/" + file;
}

std::optional<double> ResidentBytes(pid_t process) {
  std::ifstream file(PathOf(process, "statm"));
  double all = 0;
  double resident = 0;
  if (!(file >> all >> resident)) return std::nullopt;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

// The value of "key: 12" in a file of such lines.
std::optional<double> ValueIn(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  double value = 0;
  while (file >> word) {
    if (word == key && file >> value) return value;
  }
  return std::nullopt;
}

double OpenFiles(pid_t process) {
  const std::string path = PathOf(process, "fd");
  struct stat facts {};
  // Linux 6.2 and later tell the number at once.
  if (stat(path.c_str(), &facts) == 0 && facts.st_size > 0) {
    return static_cast<double>(facts.st_size);
  }
  std::error_code error;
  const std::filesystem::directory_iterator files(path, error);
  if (error) return 0;
  return static_cast<double>(std::distance(begin(files), end(files)));
}

void Add(std::optional<double> more, std::optional<double>& sum) {
  sum = more && sum ? std::optional<double>(*sum + *more) : std::nullopt;
}

}  // namespace

std::optional<Usage> UsageOf(pid_t process) {
  const auto memory = ResidentBytes(process);
  const auto cpu = ProcessCpuTime(process);
  if (!memory || !cpu) return std::nullopt;
  Usage usage;
  usage.memory = *memory;
  usage.cpu = *cpu;
  usage.disk_read = ValueIn(PathOf(process, "io"), "read_bytes:");
  usage.disk_written = ValueIn(PathOf(process, "io"), "write_bytes:");
  usage.files = OpenFiles(process);
  usage.threads = ValueIn(PathOf(process, "status"), "Threads:").value_or(0);
  return usage;
}

std::optional<Usage> UsageOf(const std::vector<pid_t>& processes) {
  Usage sum;
  bool any = false;
  for (const pid_t process : processes) {
    const auto usage = UsageOf(process);
    if (!usage) continue;
    any = true;
    sum.memory += usage->memory;
    sum.cpu += usage->cpu;
    Add(usage->disk_read, sum.disk_read);
    Add(usage->disk_written, sum.disk_written);
    sum.files += usage->files;
    sum.threads += usage->threads;
  }
  if (!any) return std::nullopt;
  return sum;
}

}  // namespace perfrig::resources
