#include "server/drivers/grpc/request_headers.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/drivers/grpc/encoding.h"

namespace perfrig::drivers {
namespace {

// nghttp2 only reads what it is given without copying.
std::uint8_t* Bytes(std::string_view text) {
  return const_cast<std::uint8_t*>(
      reinterpret_cast<const std::uint8_t*>(text.data()));
}

bool IsBinary(std::string_view name) { return name.ends_with("-bin"); }

bool IsName(std::string_view name) {
  return !name.starts_with(':') &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         nghttp2_check_header_name(Bytes(name), name.size()) != 0;
}

bool IsValue(std::string_view value) {
  return nghttp2_check_header_value(Bytes(value), value.size()) != 0;
}

}  // namespace

RequestHeaders::RequestHeaders(std::string authority,
                               const GrpcDriverOptions& options)
    : authority_(std::move(authority)), user_agent_(options.user_agent) {}

absl::Status RequestHeaders::Make(Call& call, Nanos now) {
  const Request& request = *call.request;
  headers_.clear();
  Add(":method", "POST");
  Add(":scheme", "http");
  Add(":path", request.path);
  Add(":authority", authority_);
  Add("te", "trailers");
  Add("content-type", "application/grpc");
  Add("user-agent", user_agent_);
  if (request.gzip) Add("grpc-encoding", "gzip");
  Add("grpc-accept-encoding", "gzip");
  if (request.timeout != kNever) {
    const Nanos left = request.timeout - (now - call.started);
    call.timeout_header = EncodeTimeout(std::max<Nanos>(left, 1));
    Add("grpc-timeout", call.timeout_header);
  }
  if (request.previous_attempts > 0) {
    call.attempts_header = absl::StrCat(request.previous_attempts);
    Add("grpc-previous-rpc-attempts", call.attempts_header);
  }
  return request.metadata.empty() ? absl::OkStatus() : AddMetadata(call);
}

absl::Status RequestHeaders::AddMetadata(Call& call) {
  const std::vector<Header>& metadata = call.request->metadata;
  // Sized first: the headers point into it.
  call.binary_headers.resize(metadata.size());
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    const Header& header = metadata[i];
    if (!IsName(header.name)) {
      return absl::InternalError(absl::StrCat(
          "metadata name \"", header.name,
          "\" must be lower-case letters, digits, '-', '_' or '.'"));
    }
    if (IsBinary(header.name)) {
      call.binary_headers[i] = EncodeBinary(header.value);
      Add(header.name, call.binary_headers[i]);
      continue;
    }
    if (!IsValue(header.value)) {
      return absl::InternalError(absl::StrCat(
          "metadata ", header.name,
          ": the value has bytes that only a name ending in -bin may carry"));
    }
    Add(header.name, header.value);
  }
  return absl::OkStatus();
}

void RequestHeaders::Add(std::string_view name, std::string_view value) {
  headers_.push_back(
      {Bytes(name), Bytes(value), name.size(), value.size(),
       NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE});
}

}  // namespace perfrig::drivers
