// One connection of a RudeServer.
#ifndef PERFRIG_TESTS_SUPPORT_RUDE_SERVER_RUDE_CONNECTION_H_
#define PERFRIG_TESTS_SUPPORT_RUDE_SERVER_RUDE_CONNECTION_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "tests/support/rude_server/rude_server.h"

namespace perfrig {

class RudeConnection {
 public:
  // Owns the socket, which does not block; `server` outlives this.
  RudeConnection(RudeServer& server, int fd);
  ~RudeConnection();

  RudeConnection(const RudeConnection&) = delete;
  RudeConnection& operator=(const RudeConnection&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool WantsWrite() const { return !out_.empty(); }
  // False once it is over.
  bool OnReadable();
  bool Flush();

 private:
  struct Stream {
    RudeServer::Seen seen;
    RudeServer::Reply reply;
    std::size_t sent = 0;
  };

  static ssize_t ReadBody(nghttp2_session* session, std::int32_t id,
                          std::uint8_t* buffer, std::size_t length,
                          std::uint32_t* flags, nghttp2_data_source* source,
                          void* user);
  void SubmitSettings();
  void OnRequest(std::int32_t id);
  void Answer(std::int32_t id, Stream& stream);
  void CollectOutput();

  RudeServer& server_;
  const int fd_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
  std::uint32_t calls_ = 0;
  std::int32_t last_stream_ = INT32_MAX;
  std::string out_;
  // Appended once the session's output is there.
  std::string raw_;
  bool silent_ = false;
  bool closes_ = false;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_RUDE_SERVER_RUDE_CONNECTION_H_
