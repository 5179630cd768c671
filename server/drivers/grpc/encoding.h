// How values are written in gRPC's headers and trailers.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_ENCODING_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_ENCODING_H_

#include <string>
#include <string_view>

#include "common/time/clock.h"

namespace perfrig::drivers {

// grpc-timeout: at most 8 digits and a unit. Rounded up, by less than 1 ms or
// a tenth, so that calls with one timeout share one header value, which HPACK
// then sends as a byte. `timeout` > 0.
std::string EncodeTimeout(Nanos timeout);

// grpc-message. What is no %XX stays as it is. Replaces `text`.
void PercentDecode(std::string_view encoded, std::string& text);

// Values of headers that end in "-bin": base64, written without padding, read
// with or without. DecodeBinary replaces `bytes`; false if it is no base64.
std::string EncodeBinary(std::string_view bytes);
bool DecodeBinary(std::string_view encoded, std::string& bytes);

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_ENCODING_H_
