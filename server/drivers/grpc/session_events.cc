#include "server/drivers/grpc/session_events.h"

#include <string_view>

namespace perfrig::drivers {
namespace {

std::string_view Text(const std::uint8_t* bytes, std::size_t length) {
  return {reinterpret_cast<const char*>(bytes), length};
}

bool BeginsStream(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS &&
         frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

}  // namespace

nghttp2_session* Session::Events::NewSession(Session& owner) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnSent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks,
                                                           OnNotSent);
  nghttp2_session_callbacks_set_error_callback2(callbacks, OnError);
  // Windows open again as calls read, not as bytes come.
  nghttp2_option* options = nullptr;
  nghttp2_option_new(&options);
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new2(&session, callbacks, &owner, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

nghttp2_data_provider Session::Events::Body() {
  nghttp2_data_provider body{};
  body.read_callback = OnBody;
  return body;
}

Call* Session::Events::CallOf(nghttp2_session* session, std::int32_t stream) {
  return static_cast<Call*>(
      nghttp2_session_get_stream_user_data(session, stream));
}

bool Session::Events::EndsStream(const nghttp2_frame& frame) {
  return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

ssize_t Session::Events::OnBody(nghttp2_session* session, std::int32_t stream,
                                std::uint8_t* buffer, std::size_t length,
                                std::uint32_t* flags,
                                nghttp2_data_source* /*source*/, void* user) {
  Call* call = CallOf(session, stream);
  if (call == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  Session& owner = Owner(user);
  const std::size_t size = call->body.Read({buffer, length}, owner.at_);
  if (call->body.finished()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  } else if (size == 0) {
    owner.sink_.OnPaused(*call, call->body.next_due());
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(size);
}

int Session::Events::OnHeader(nghttp2_session* session,
                              const nghttp2_frame* frame,
                              const std::uint8_t* name, std::size_t name_length,
                              const std::uint8_t* value,
                              std::size_t value_length, std::uint8_t /*flags*/,
                              void* /*user*/) {
  if (Call* call = CallOf(session, frame->hd.stream_id); call != nullptr) {
    call->response.OnHeader(Text(name, name_length), Text(value, value_length),
                            EndsStream(*frame));
  }
  return 0;
}

int Session::Events::OnData(nghttp2_session* session, std::uint8_t /*flags*/,
                            std::int32_t stream, const std::uint8_t* bytes,
                            std::size_t length, void* user) {
  // A call that reads slowly holds up no other one.
  nghttp2_session_consume_connection(session, length);
  if (Call* call = CallOf(session, stream); call != nullptr) {
    Owner(user).OnData(*call, Text(bytes, length));
  }
  return 0;
}

int Session::Events::OnFrame(nghttp2_session* session,
                             const nghttp2_frame* frame, void* user) {
  Session& owner = Owner(user);
  switch (frame->hd.type) {
    case NGHTTP2_SETTINGS:
      owner.settled_ = true;
      return 0;
    case NGHTTP2_GOAWAY:
      owner.OnGoAway(frame->goaway);
      return 0;
    case NGHTTP2_HEADERS:
      if (Call* call = CallOf(session, frame->hd.stream_id); call != nullptr) {
        owner.OnHeadersEnd(*call, EndsStream(*frame));
      }
      break;
    case NGHTTP2_DATA:
      break;
    default:
      return 0;
  }
  if (!EndsStream(*frame)) return 0;
  if (Call* call = CallOf(session, frame->hd.stream_id); call != nullptr) {
    owner.OnStreamEnd(*call);
  }
  return 0;
}

int Session::Events::OnClose(nghttp2_session* session, std::int32_t stream,
                             std::uint32_t http2_error, void* user) {
  Owner(user).OnClose(stream, http2_error, CallOf(session, stream));
  return 0;
}

int Session::Events::OnSent(nghttp2_session* /*session*/,
                            const nghttp2_frame* frame, void* user) {
  if (BeginsStream(*frame)) --Owner(user).unsent_;
  return 0;
}

int Session::Events::OnNotSent(nghttp2_session* /*session*/,
                               const nghttp2_frame* frame, int /*error*/,
                               void* user) {
  if (BeginsStream(*frame)) --Owner(user).unsent_;
  return 0;
}

// Of what concerns single streams their status tells.
int Session::Events::OnError(nghttp2_session* /*session*/, int error,
                             const char* text, std::size_t length, void* user) {
  if (error == NGHTTP2_ERR_PROTO || error == NGHTTP2_ERR_SETTINGS_EXPECTED) {
    Owner(user).reason_.assign(text, length);
  }
  return 0;
}

}  // namespace perfrig::drivers
