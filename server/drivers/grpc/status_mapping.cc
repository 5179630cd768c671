#include "server/drivers/grpc/status_mapping.h"

#include <nghttp2/nghttp2.h>

#include <charconv>
#include <system_error>

#include "absl/status/status.h"

namespace perfrig::drivers {
namespace {

constexpr int Number(absl::StatusCode code) { return static_cast<int>(code); }

}  // namespace

int StatusOfHttp(int http_status) {
  switch (http_status) {
    case 400:
      return Number(absl::StatusCode::kInternal);
    case 401:
      return Number(absl::StatusCode::kUnauthenticated);
    case 403:
      return Number(absl::StatusCode::kPermissionDenied);
    case 404:
      return Number(absl::StatusCode::kUnimplemented);
    case 429:
    case 502:
    case 503:
    case 504:
      return Number(absl::StatusCode::kUnavailable);
    default:
      return Number(absl::StatusCode::kUnknown);
  }
}

int StatusOfReset(std::uint32_t http2_error) {
  switch (http2_error) {
    case NGHTTP2_REFUSED_STREAM:
      return Number(absl::StatusCode::kUnavailable);
    case NGHTTP2_CANCEL:
      return Number(absl::StatusCode::kCancelled);
    case NGHTTP2_ENHANCE_YOUR_CALM:
      return Number(absl::StatusCode::kResourceExhausted);
    case NGHTTP2_INADEQUATE_SECURITY:
      return Number(absl::StatusCode::kPermissionDenied);
    default:
      return Number(absl::StatusCode::kInternal);
  }
}

int StatusOfText(std::string_view grpc_status) {
  int status = 0;
  const char* end = grpc_status.data() + grpc_status.size();
  const auto [rest, error] = std::from_chars(grpc_status.data(), end, status);
  const bool known = error == std::errc() && rest == end && status >= 0 &&
                     status <= Number(absl::StatusCode::kUnauthenticated);
  return known ? status : Number(absl::StatusCode::kUnknown);
}

}  // namespace perfrig::drivers
