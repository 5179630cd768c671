// What nghttp2 calls back, handed to the session that it belongs to.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_SESSION_EVENTS_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_SESSION_EVENTS_H_

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>

#include "server/drivers/grpc/session.h"

namespace perfrig::drivers {

struct Session::Events {
  // A client's session whose events go to `owner`.
  static nghttp2_session* NewSession(Session& owner);
  // Reads the body of the call that the stream belongs to.
  static nghttp2_data_provider Body();

 private:
  static Session& Owner(void* user) { return *static_cast<Session*>(user); }
  // Null once the call has ended.
  static Call* CallOf(nghttp2_session* session, std::int32_t stream);
  static bool EndsStream(const nghttp2_frame& frame);

  static ssize_t OnBody(nghttp2_session* session, std::int32_t stream,
                        std::uint8_t* buffer, std::size_t length,
                        std::uint32_t* flags, nghttp2_data_source* source,
                        void* user);
  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame,
                      const std::uint8_t* name, std::size_t name_length,
                      const std::uint8_t* value, std::size_t value_length,
                      std::uint8_t flags, void* user);
  static int OnData(nghttp2_session* session, std::uint8_t flags,
                    std::int32_t stream, const std::uint8_t* bytes,
                    std::size_t length, void* user);
  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame,
                     void* user);
  static int OnClose(nghttp2_session* session, std::int32_t stream,
                     std::uint32_t http2_error, void* user);
  static int OnSent(nghttp2_session* session, const nghttp2_frame* frame,
                    void* user);
  static int OnNotSent(nghttp2_session* session, const nghttp2_frame* frame,
                       int error, void* user);
  static int OnError(nghttp2_session* session, int error, const char* text,
                     std::size_t length, void* user);
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_SESSION_EVENTS_H_
