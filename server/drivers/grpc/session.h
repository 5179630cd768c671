// HTTP/2 over one connection, without the connection: bytes in, bytes out,
// calls between. nghttp2 knows the protocol, this knows gRPC's use of it.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_SESSION_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_SESSION_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/time/clock.h"
#include "server/drivers/grpc/call.h"
#include "server/drivers/grpc/options.h"
#include "server/drivers/grpc/request_headers.h"

namespace perfrig::drivers {

class Session {
 public:
  // `sink` and `options` outlive this. Its calls are told of from within
  // Receive, Send, Submit, ReadOn and FailAll; what the sink does then must not
  // come back to this session.
  Session(CallSink& sink, const std::string& authority,
          const GrpcDriverOptions& options);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bytes from the peer, which came at `at`. UNAVAILABLE with the reason alone
  // if the connection is of no use any more.
  absl::Status Receive(std::string_view bytes, Nanos at);
  // Appends what is to be sent to `out`, until it has `limit` bytes or a few
  // more. What it leaves comes with the next call.
  absl::Status Send(std::string& out, std::size_t limit, Nanos at);

  // Begins a call, which is in no list. Its request is on its way with the
  // next Send, which must follow before the call can end.
  void Submit(Call& call, Nanos now);
  // More of an open call's request may be sent than before.
  void SendOn(Call& call);
  // The client of an open call with a read delay is through with a message.
  void ReadOn(Call& call, Nanos now);
  // Forgets an open call; the peer is told.
  void Cancel(Call& call);
  // The connection is lost: ends all open calls as UNAVAILABLE.
  void FailAll(std::string_view reason, Nanos at);

  // Whether the peer's first SETTINGS have come.
  [[nodiscard]] bool settled() const { return settled_; }
  // Whether no new call may begin, because of GOAWAY or of a session that has
  // used up its stream numbers.
  [[nodiscard]] bool draining() const { return draining_; }
  // Whether another call may begin now.
  [[nodiscard]] bool HasRoom() const;
  // Whether any call is open.
  [[nodiscard]] bool busy() const { return !calls_.empty(); }
  // Whether the peer ever ended a stream.
  [[nodiscard]] bool proven() const { return proven_; }
  [[nodiscard]] bool WantsWrite() const;
  // Whether both sides have nothing more to say.
  [[nodiscard]] bool over() const;
  // What nghttp2 or the peer's GOAWAY said last; may be empty.
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  // nghttp2's callbacks.
  struct Events;
  struct Free {
    void operator()(nghttp2_session* session) const;
  };

  void OnGoAway(const nghttp2_goaway& goaway);
  void OnHeadersEnd(Call& call, bool ends_stream);
  void OnStreamEnd(Call& call);
  void OnData(Call& call, std::string_view bytes);
  void ReadSlowly(Call& call);
  // Lets no stream have more unread than a usual client would.
  void NarrowWindows();
  // The answer has ended: finishes the call once its client has read it.
  void End(Call& call, std::uint32_t http2_error);
  void OnClose(std::int32_t stream, std::uint32_t http2_error, Call* call);
  // Takes it out of the list and tells the sink.
  void Finish(Call& call);
  // Detaches the call from its stream, so that no callback finds it.
  void Detach(Call& call, std::uint32_t http2_error);

  CallSink& sink_;
  const GrpcDriverOptions& options_;
  RequestHeaders headers_;
  std::unique_ptr<nghttp2_session, Free> session_;
  CallList calls_;
  // Streams that the peer counts: those of calls that were cancelled too.
  std::uint32_t streams_ = 0;
  // Submitted requests whose headers, which are not copied, are still unsent.
  std::uint32_t unsent_ = 0;
  bool settled_ = false;
  bool narrow_ = false;
  bool draining_ = false;
  bool proven_ = false;
  std::int32_t last_processed_ = INT32_MAX;
  // When the bytes that are being read came.
  Nanos at_ = 0;
  std::string reason_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_SESSION_H_
