#include "server/drivers/grpc/session.h"

#include <span>

#include "absl/strings/str_cat.h"
#include "server/drivers/grpc/session_events.h"

namespace perfrig::drivers {
namespace {

// Room for messages of 50 MB without a stop for WINDOW_UPDATE on a fast link.
constexpr std::int32_t kStreamWindow = 8 << 20;
// As HTTP/2 has it from the beginning.
constexpr std::int32_t kNarrowWindow = 65'535;
constexpr std::int32_t kConnectionWindow = 64 << 20;
// Well below the last number that HTTP/2 has for a stream.
constexpr std::int32_t kLastStream = INT32_MAX - 1024;

}  // namespace

void Session::Free::operator()(nghttp2_session* session) const {
  nghttp2_session_del(session);
}

Session::Session(CallSink& sink, const std::string& authority,
                 const GrpcDriverOptions& options)
    : sink_(sink), options_(options), headers_(authority, options) {
  session_.reset(Events::NewSession(*this));
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
  };
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings,
                          std::size(settings));
  nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0,
                                        kConnectionWindow);
}

absl::Status Session::Receive(std::string_view bytes, Nanos at) {
  at_ = at;
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
      bytes.size());
  if (taken >= 0) return absl::OkStatus();
  return absl::UnavailableError(
      reason_.empty() ? nghttp2_strerror(static_cast<int>(taken)) : reason_);
}

absl::Status Session::Send(std::string& out, std::size_t limit, Nanos at) {
  at_ = at;
  while (out.size() < limit || unsent_ > 0) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size == 0) break;
    if (size < 0) {
      return absl::UnavailableError(nghttp2_strerror(static_cast<int>(size)));
    }
    out.append(reinterpret_cast<const char*>(bytes),
               static_cast<std::size_t>(size));
  }
  return absl::OkStatus();
}

void Session::Submit(Call& call, Nanos now) {
  call.response.Begin(*call.request, options_.max_message_bytes);
  call.body.Begin(call.request->messages, call.request->gzip,
                  {.first = call.first_message,
                   .interval = call.request->message_interval,
                   .stays_open = call.request->session && !call.half_closed});
  if (call.request->read_delay > 0) {
    NarrowWindows();
    call.reader.Begin();
  }
  call.state = Call::State::kOpen;
  call.session = this;
  calls_.PushBack(call);
  at_ = now;
  const absl::Status made = headers_.Make(call, now);
  if (!made.ok()) {
    call.response.Fail(made.code(),
                       {made.message().data(), made.message().size()});
    return Finish(call);
  }
  const std::span<const nghttp2_nv> headers = headers_.headers();
  // A body even without messages: gRPC half-closes by an empty DATA frame, and
  // grpc-go waits for it.
  const nghttp2_data_provider body = Events::Body();
  call.stream = nghttp2_submit_request(session_.get(), nullptr, headers.data(),
                                       headers.size(), &body, &call);
  if (call.stream < 0) {
    call.response.Fail(absl::StatusCode::kInternal,
                       nghttp2_strerror(call.stream));
    return Finish(call);
  }
  call.sent = now;
  ++streams_;
  ++unsent_;
  if (call.stream >= kLastStream) draining_ = true;
}

void Session::SendOn(Call& call) {
  call.body.set_first(call.first_message);
  if (call.half_closed) call.body.End();
  nghttp2_session_resume_data(session_.get(), call.stream);
}

void Session::ReadOn(Call& call, Nanos now) {
  at_ = now;
  ReadSlowly(call);
}

void Session::NarrowWindows() {
  if (narrow_) return;
  narrow_ = true;
  const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE,
                                         kNarrowWindow};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, &window, 1);
}

void Session::Cancel(Call& call) {
  Detach(call, NGHTTP2_CANCEL);
  calls_.Remove(call);
  call.session = nullptr;
}

void Session::FailAll(std::string_view reason, Nanos at) {
  at_ = at;
  while (!calls_.empty()) {
    Call& call = *calls_.first();
    call.response.Fail(absl::StatusCode::kUnavailable, reason);
    Finish(call);
  }
}

bool Session::HasRoom() const {
  return settled_ && !draining_ &&
         streams_ <
             nghttp2_session_get_remote_settings(
                 session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Session::WantsWrite() const {
  return nghttp2_session_want_write(session_.get()) != 0;
}

bool Session::over() const {
  return nghttp2_session_want_read(session_.get()) == 0 && !WantsWrite();
}

void Session::OnGoAway(const nghttp2_goaway& goaway) {
  draining_ = true;
  last_processed_ = goaway.last_stream_id;
  if (goaway.error_code == NGHTTP2_NO_ERROR) return;
  reason_ = absl::StrCat("GOAWAY ", nghttp2_http2_strerror(goaway.error_code));
  if (goaway.opaque_data_len > 0) {
    absl::StrAppend(
        &reason_, ": ",
        std::string(reinterpret_cast<const char*>(goaway.opaque_data),
                    goaway.opaque_data_len));
  }
}

void Session::OnHeadersEnd(Call& call, bool ends_stream) {
  if (call.response.OnHeadersEnd(ends_stream)) {
    if (call.request->session && !ends_stream) sink_.OnOpen(call);
    return;
  }
  Detach(call, NGHTTP2_CANCEL);
  Finish(call);
}

void Session::OnData(Call& call, std::string_view bytes) {
  call.bytes_received += bytes.size();
  if (call.request->read_delay > 0) {
    call.reader.Add(bytes);
    if (!call.reader.busy()) ReadSlowly(call);
    return;
  }
  nghttp2_session_consume_stream(session_.get(), call.stream, bytes.size());
  while (true) {
    switch (call.response.OnData(bytes)) {
      case Response::Next::kNeedsMore:
        return;
      case Response::Next::kFailed:
        Detach(call, NGHTTP2_CANCEL);
        return Finish(call);
      case Response::Next::kMessage:
        sink_.OnMessage(call, call.response.message(), at_);
    }
  }
}

void Session::ReadSlowly(Call& call) {
  std::size_t taken = 0;
  const Response::Next next = call.reader.Read(call.response, taken);
  // Only what has been read makes room for more.
  nghttp2_session_consume_stream(session_.get(), call.stream, taken);
  if (next == Response::Next::kFailed) {
    Detach(call, NGHTTP2_CANCEL);
    Finish(call);
  } else if (next == Response::Next::kMessage) {
    sink_.OnMessage(call, call.response.message(), at_);
  }
}

// The peer has said all. Where it did not wait for the whole request, the
// stream is still open on this side, and the call is over nevertheless.
void Session::OnStreamEnd(Call& call) {
  proven_ = true;
  call.response.OnEndStream();
  if (call.body.finished()) return;
  Detach(call, NGHTTP2_NO_ERROR);
  End(call, NGHTTP2_NO_ERROR);
}

void Session::OnClose(std::int32_t stream, std::uint32_t http2_error,
                      Call* call) {
  --streams_;
  if (call == nullptr) return;
  if (http2_error == NGHTTP2_REFUSED_STREAM && stream > last_processed_) {
    calls_.Remove(*call);
    call->session = nullptr;
    return sink_.OnReturned(*call, at_);
  }
  End(*call, http2_error);
}

void Session::End(Call& call, std::uint32_t http2_error) {
  if (call.request->read_delay > 0 && !call.reader.done()) {
    call.reader.set_http2_error(http2_error);
    calls_.Remove(call);
    call.session = nullptr;
    return sink_.OnReading(call);
  }
  call.response.OnClose(http2_error);
  Finish(call);
}

void Session::Finish(Call& call) {
  calls_.Remove(call);
  call.session = nullptr;
  sink_.OnFinished(call, at_);
}

void Session::Detach(Call& call, std::uint32_t http2_error) {
  nghttp2_session_set_stream_user_data(session_.get(), call.stream, nullptr);
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, call.stream,
                            http2_error);
}

}  // namespace perfrig::drivers
