// A file descriptor that closes itself.
#ifndef PERFRIG_COMMON_PROCESS_FILE_DESCRIPTOR_H_
#define PERFRIG_COMMON_PROCESS_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace perfrig {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  // Takes `fd` over; negative: none.
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { Close(); }

  FileDescriptor(FileDescriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_PROCESS_FILE_DESCRIPTOR_H_
