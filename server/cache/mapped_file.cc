#include "server/cache/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"

namespace perfrig::cache {

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  struct stat facts {};
  if (fstat(file, &facts) != 0 || facts.st_size == 0) {
    close(file);
    return absl::InvalidArgumentError(path + ": must be a file of some bytes");
  }
  const auto size = static_cast<std::size_t>(facts.st_size);
  void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  close(file);
  if (mapped == MAP_FAILED) return absl::ErrnoToStatus(error, path);
  return MappedFile({static_cast<const char*>(mapped), size});
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace perfrig::cache
