// The headers of requests.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_HEADERS_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_HEADERS_H_

#include <nghttp2/nghttp2.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/drivers/grpc/call.h"
#include "server/drivers/grpc/options.h"

namespace perfrig::drivers {

class RequestHeaders {
 public:
  RequestHeaders(std::string authority, const GrpcDriverOptions& options);

  // Makes the headers of `call`, for a request that is sent at `now`. They
  // point into the call, its request and this. INTERNAL naming the metadata
  // that HTTP/2 cannot carry.
  absl::Status Make(Call& call, Nanos now);
  // Valid until the next Make.
  [[nodiscard]] std::span<const nghttp2_nv> headers() const { return headers_; }

 private:
  void Add(std::string_view name, std::string_view value);
  absl::Status AddMetadata(Call& call);

  std::string authority_;
  std::string user_agent_;
  std::vector<nghttp2_nv> headers_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_REQUEST_HEADERS_H_
