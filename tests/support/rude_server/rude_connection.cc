#include "tests/support/rude_server/rude_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>
#include <vector>

namespace perfrig {
namespace {

std::uint8_t* Bytes(const std::string& text) {
  return const_cast<std::uint8_t*>(
      reinterpret_cast<const std::uint8_t*>(text.data()));
}

std::vector<nghttp2_nv> Nv(const RudeServer::Fields& fields) {
  std::vector<nghttp2_nv> result;
  result.reserve(fields.size());
  for (const auto& [name, value] : fields) {
    result.push_back({Bytes(name), Bytes(value), name.size(), value.size(),
                      NGHTTP2_NV_FLAG_NONE});
  }
  return result;
}

}  // namespace

RudeConnection::RudeConnection(RudeServer& server, int fd)
    : server_(server), fd_(fd) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
         std::size_t name_length, const std::uint8_t* value,
         std::size_t value_length, std::uint8_t, void* user) {
        auto& self = *static_cast<RudeConnection*>(user);
        self.streams_[frame->hd.stream_id].seen.headers.emplace_back(
            std::string(reinterpret_cast<const char*>(name), name_length),
            std::string(reinterpret_cast<const char*>(value), value_length));
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t id,
                    const std::uint8_t* bytes, std::size_t length, void* user) {
        auto& self = *static_cast<RudeConnection*>(user);
        self.streams_[id].seen.body.append(reinterpret_cast<const char*>(bytes),
                                           length);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        auto& self = *static_cast<RudeConnection*>(user);
        const bool is_headers = frame->hd.type == NGHTTP2_HEADERS;
        const bool is_last = (is_headers || frame->hd.type == NGHTTP2_DATA) &&
                             (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (self.server_.manners_.answers_early ? is_headers : is_last) {
          self.OnRequest(frame->hd.stream_id);
        }
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks,
      [](nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
        static_cast<RudeConnection*>(user)->streams_.erase(id);
        return 0;
      });
  nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  SubmitSettings();
}

RudeConnection::~RudeConnection() {
  nghttp2_session_del(session_);
  close(fd_);
}

void RudeConnection::SubmitSettings() {
  const RudeServer::Manners& manners = server_.manners_;
  if (!manners.greeting.empty()) {
    out_ = manners.greeting;
    silent_ = true;
    return;
  }
  if (!manners.sends_settings) {
    silent_ = true;
    return;
  }
  std::vector<nghttp2_settings_entry> entries;
  if (manners.max_streams.has_value()) {
    entries.push_back(
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, *manners.max_streams});
  }
  if (manners.window.has_value()) {
    entries.push_back({NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, *manners.window});
  }
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(),
                          entries.size());
  CollectOutput();
}

bool RudeConnection::OnReadable() {
  std::array<std::uint8_t, 65536> buffer;
  const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
  if (count < 0) return errno == EAGAIN;
  if (count == 0) return false;
  if (silent_) return true;
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, buffer.data(), static_cast<std::size_t>(count));
  if (taken < 0) return false;
  CollectOutput();
  return Flush();
}

bool RudeConnection::Flush() {
  while (!out_.empty()) {
    const ssize_t count = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    out_.erase(0, static_cast<std::size_t>(count));
    if (out_.empty() && !silent_) CollectOutput();
  }
  if (silent_) return !closes_;
  return nghttp2_session_want_read(session_) != 0 ||
         nghttp2_session_want_write(session_) != 0;
}

void RudeConnection::OnRequest(std::int32_t id) {
  if (id > last_stream_ || silent_) return;
  Stream& stream = streams_[id];
  stream.seen.number = server_.calls_.fetch_add(1);
  stream.reply = server_.handler_(stream.seen);
  Answer(id, stream);
  ++calls_;
  const std::uint32_t limit = server_.manners_.goaway_every;
  if (limit == 0 || calls_ % limit != 0) return;
  last_stream_ = id;
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

void RudeConnection::Answer(std::int32_t id, Stream& stream) {
  const RudeServer::Reply& reply = stream.reply;
  raw_ += reply.raw;
  closes_ = closes_ || reply.closes;
  silent_ = silent_ || reply.closes || !reply.raw.empty();
  if (reply.headers.empty()) {
    if (reply.reset.has_value()) {
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, *reply.reset);
    }
    return;
  }
  if (reply.trailers_only) {
    RudeServer::Fields all = reply.headers;
    all.insert(all.end(), reply.trailers.begin(), reply.trailers.end());
    const std::vector<nghttp2_nv> headers = Nv(all);
    nghttp2_submit_response(session_, id, headers.data(), headers.size(),
                            nullptr);
    return;
  }
  const std::vector<nghttp2_nv> headers = Nv(reply.headers);
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = &ReadBody;
  nghttp2_submit_response(session_, id, headers.data(), headers.size(), &body);
}

ssize_t RudeConnection::ReadBody(nghttp2_session* session, std::int32_t id,
                                 std::uint8_t* buffer, std::size_t length,
                                 std::uint32_t* flags,
                                 nghttp2_data_source* source, void* /*user*/) {
  auto& stream = *static_cast<Stream*>(source->ptr);
  const RudeServer::Reply& reply = stream.reply;
  const std::size_t taken = std::min(length, reply.body.size() - stream.sent);
  std::copy_n(reply.body.data() + stream.sent, taken, buffer);
  stream.sent += taken;
  if (stream.sent < reply.body.size()) return static_cast<ssize_t>(taken);
  if (reply.hangs) {
    if (taken > 0) return static_cast<ssize_t>(taken);
    return NGHTTP2_ERR_DEFERRED;
  }
  if (reply.reset.has_value()) {
    if (taken > 0) return static_cast<ssize_t>(taken);
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, *reply.reset);
    return NGHTTP2_ERR_DEFERRED;
  }
  *flags |= NGHTTP2_DATA_FLAG_EOF;
  if (!reply.trailers.empty()) {
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const std::vector<nghttp2_nv> trailers = Nv(reply.trailers);
    nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
  }
  return static_cast<ssize_t>(taken);
}

void RudeConnection::CollectOutput() {
  while (true) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size <= 0) break;
    out_.append(reinterpret_cast<const char*>(bytes),
                static_cast<std::size_t>(size));
  }
  out_ += std::exchange(raw_, {});
}

}  // namespace perfrig
