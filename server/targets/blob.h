// Bytes whose number is bounded over all of their kind.
#ifndef PERFRIG_SERVER_TARGETS_BLOB_H_
#define PERFRIG_SERVER_TARGETS_BLOB_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace perfrig::targets {

// How many bytes may be held, and are. Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(std::uint64_t limit) : limit_(limit) {}

  // False, and nothing taken, where it would be too much.
  bool Take(std::uint64_t bytes);
  void Give(std::uint64_t bytes) { used_ -= bytes; }

  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }

 private:
  const std::uint64_t limit_;
  std::atomic<std::uint64_t> used_ = 0;
};

// RESOURCE_EXHAUSTED: what does not fit into `budget`.
absl::Status Full(const ByteBudget& budget);

// Grows at its end, without ever being copied as a whole.
class Blob {
 public:
  // `budget` outlives this.
  explicit Blob(ByteBudget& budget) : budget_(budget) {}
  ~Blob() { budget_.Give(taken_); }

  Blob(const Blob&) = delete;
  Blob& operator=(const Blob&) = delete;

  // What it takes beside its content; false where that is too much.
  bool TakeOverhead(std::uint64_t bytes);
  // False, and nothing appended, where that is too much.
  bool Append(std::string_view bytes);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  // At most `length` bytes from `offset` on.
  [[nodiscard]] std::string Read(std::uint64_t offset,
                                 std::uint64_t length) const;

 private:
  ByteBudget& budget_;
  std::uint64_t taken_ = 0;
  std::uint64_t size_ = 0;
  // All full but the last.
  std::vector<std::string> blocks_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BLOB_H_
