// Which gRPC status stands for an answer that carries none.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_STATUS_MAPPING_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_STATUS_MAPPING_H_

#include <cstdint>
#include <string_view>

namespace perfrig::drivers {

// By gRPC's http-grpc-status-mapping.md.
[[nodiscard]] int StatusOfHttp(int http_status);
// Of the error code of a RST_STREAM, by gRPC's PROTOCOL-HTTP2.md.
[[nodiscard]] int StatusOfReset(std::uint32_t http2_error);
// The value of grpc-status; UNKNOWN for what is no status code.
[[nodiscard]] int StatusOfText(std::string_view grpc_status);

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_STATUS_MAPPING_H_
