// A client that takes its time over each message: what has come of an answer
// and was not read yet.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_SLOW_READER_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_SLOW_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/drivers/grpc/response.h"

namespace perfrig::drivers {

class SlowReader {
 public:
  void Begin() {
    unread_.clear();
    read_ = 0;
    busy_ = false;
  }
  void Add(std::string_view bytes) { unread_.append(bytes); }
  // Reads into `response` up to the end of a message, which it is busy with
  // from then on. `taken`: bytes that were read. Not while it is busy.
  Response::Next Read(Response& response, std::size_t& taken);
  // It has been long enough over its message.
  void Resume() { busy_ = false; }
  [[nodiscard]] bool busy() const { return busy_; }
  // Whether it has read all that came, and is through with it.
  [[nodiscard]] bool done() const { return !busy_ && read_ == unread_.size(); }

  // What the stream was closed with, to be told when all has been read.
  void set_http2_error(std::uint32_t error) { http2_error_ = error; }
  [[nodiscard]] std::uint32_t http2_error() const { return http2_error_; }

 private:
  // The first `read_` bytes hold the message that it is busy with.
  std::string unread_;
  std::size_t read_ = 0;
  bool busy_ = false;
  std::uint32_t http2_error_ = 0;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_SLOW_READER_H_
