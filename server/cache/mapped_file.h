// A file's bytes, read where the kernel keeps them.
#ifndef PERFRIG_SERVER_CACHE_MAPPED_FILE_H_
#define PERFRIG_SERVER_CACHE_MAPPED_FILE_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace perfrig::cache {

class MappedFile {
 public:
  // Nobody may shorten the file while this lives.
  static absl::StatusOr<MappedFile> Open(const std::string& path);
  ~MappedFile();

  MappedFile(MappedFile&& other) noexcept
      : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile& operator=(MappedFile&&) = delete;

  // Begins at a page.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::string_view bytes) : bytes_(bytes) {}

  std::string_view bytes_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_MAPPED_FILE_H_
