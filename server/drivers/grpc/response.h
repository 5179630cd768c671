// What has come of an answer, and what it means as a gRPC status.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_RESPONSE_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_RESPONSE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/drivers/driver.h"
#include "server/drivers/grpc/framing.h"

namespace perfrig::drivers {

// Used again for call after call: what it allocated it keeps.
class Response {
 public:
  enum class Next {
    // Another message: message() says which.
    kMessage,
    // All bytes were read.
    kNeedsMore,
    // The answer is broken: the call has ended, status() says how.
    kFailed,
  };

  void Begin(const Request& request, std::size_t max_message_bytes);

  // A header of the block that is coming in. `ends_stream`: of its frame.
  void OnHeader(std::string_view name, std::string_view value,
                bool ends_stream);
  // False if the answer is no gRPC and nothing more of it is of use.
  bool OnHeadersEnd(bool ends_stream);
  // Takes bytes of DATA off `bytes`, to be called until it needs more.
  Next OnData(std::string_view& bytes);
  // The peer has said that nothing more comes.
  void OnEndStream() { peer_ended_ = true; }
  // The stream was closed with this HTTP/2 error code.
  void OnClose(std::uint32_t http2_error);

  // Ends the answer from this side; the first end is the one that counts.
  void Fail(absl::StatusCode code, std::string_view message);

  // Valid until the next OnData.
  [[nodiscard]] std::string_view message() const { return message_; }
  [[nodiscard]] std::uint32_t messages() const { return messages_; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] std::string_view status_message() const {
    return status_message_;
  }
  // Leading and trailing metadata, without what gRPC itself put there.
  [[nodiscard]] const std::vector<Header>& headers() const { return headers_; }
  [[nodiscard]] const std::vector<Header>& trailers() const {
    return trailers_;
  }

 private:
  void OnStatusHeader(std::string_view value);
  void KeepMetadata(std::string_view name, std::string_view value,
                    std::vector<Header>& into);
  void Keep(std::string_view name, std::string_view value, bool binary,
            std::vector<Header>& into);
  void Recycle(std::vector<Header>& headers);
  bool Unpack();
  void CheckContentType(std::string_view value);
  // Ends it as what HTTP's status stands for.
  void FailAsHttp();
  void CheckWhole();

  bool single_ = false;
  bool wants_messages_ = false;
  std::size_t limit_ = 0;

  int http_status_ = 0;
  bool headers_ended_ = false;
  bool peer_ended_ = false;
  bool is_grpc_ = false;
  std::string content_type_;
  std::string encoding_;
  MessageReader reader_;
  std::string unpacked_;
  std::string_view message_;
  std::uint32_t messages_ = 0;

  // Whether grpc-status came, and whether the end is settled.
  bool has_status_ = false;
  bool ended_ = false;
  int status_ = 0;
  std::string status_message_;
  std::vector<Header> headers_;
  std::vector<Header> trailers_;
  // Of earlier answers, to be filled again.
  std::vector<Header> spare_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_RESPONSE_H_
