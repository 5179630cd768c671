// Bytes in and out of a non-blocking socket; the seam at which TLS can follow.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_TRANSPORT_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_TRANSPORT_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/drivers/grpc/address.h"

namespace perfrig::drivers {

// What a read or a write did. No bytes, not closed, no error: it would block.
struct IoResult {
  std::size_t bytes = 0;
  bool closed = false;
  int error = 0;
};

class Transport {
 public:
  // Begins to connect and does not wait. A refusal that is known at once is
  // UNAVAILABLE with the reason alone.
  static absl::StatusOr<Transport> Open(const Endpoint& endpoint);

  Transport(Transport&& other) noexcept;
  Transport& operator=(Transport&& other) noexcept;
  ~Transport();

  [[nodiscard]] int fd() const { return fd_; }
  // Once the socket can be written: whether it is connected.
  absl::Status FinishConnecting() const;
  IoResult Read(std::span<char> into) const;
  IoResult Write(std::string_view bytes) const;

 private:
  explicit Transport(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_TRANSPORT_H_
