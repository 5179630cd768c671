#include "server/drivers/grpc/slow_reader.h"

namespace perfrig::drivers {

Response::Next SlowReader::Read(Response& response, std::size_t& taken) {
  unread_.erase(0, read_);
  std::string_view rest = unread_;
  const Response::Next next = response.OnData(rest);
  read_ = unread_.size() - rest.size();
  taken = read_;
  busy_ = next == Response::Next::kMessage;
  return next;
}

}  // namespace perfrig::drivers
