#include "server/drivers/grpc/response.h"

#include <nghttp2/nghttp2.h>

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/drivers/grpc/encoding.h"
#include "server/drivers/grpc/gzip.h"
#include "server/drivers/grpc/status_mapping.h"

namespace perfrig::drivers {
namespace {

constexpr std::string_view kGrpc = "application/grpc";

bool IsInterim(int http_status) {
  return http_status >= 100 && http_status < 200;
}

}  // namespace

void Response::Begin(const Request& request, std::size_t max_message_bytes) {
  single_ = request.single_response;
  wants_messages_ = request.wants_messages;
  limit_ = max_message_bytes;
  http_status_ = 0;
  headers_ended_ = false;
  peer_ended_ = false;
  is_grpc_ = false;
  content_type_.clear();
  encoding_.clear();
  reader_.Reset(wants_messages_, limit_);
  message_ = {};
  messages_ = 0;
  has_status_ = false;
  ended_ = false;
  status_ = 0;
  status_message_.clear();
  Recycle(headers_);
  Recycle(trailers_);
}

void Response::OnHeader(std::string_view name, std::string_view value,
                        bool ends_stream) {
  if (name == ":status") {
    OnStatusHeader(value);
  } else if (IsInterim(http_status_)) {
    return;
  } else if (name == "grpc-status") {
    // In leading headers it means nothing.
    if (ended_ || !(headers_ended_ || ends_stream)) return;
    has_status_ = true;
    status_ = StatusOfText(value);
  } else if (name == "grpc-message") {
    if (!ended_) PercentDecode(value, status_message_);
  } else if (name == "content-type") {
    if (!headers_ended_) CheckContentType(value);
  } else if (name == "grpc-encoding") {
    encoding_ = value;
  } else if (name != "grpc-accept-encoding") {
    KeepMetadata(name, value,
                 headers_ended_ || ends_stream ? trailers_ : headers_);
  }
}

void Response::OnStatusHeader(std::string_view value) {
  std::from_chars(value.data(), value.data() + value.size(), http_status_);
}

void Response::CheckContentType(std::string_view value) {
  content_type_ = value;
  const std::string_view rest =
      value.starts_with(kGrpc) ? value.substr(kGrpc.size()) : "-";
  is_grpc_ = rest.empty() || rest[0] == '+' || rest[0] == ';';
}

bool Response::OnHeadersEnd(bool ends_stream) {
  if (headers_ended_) return true;
  if (IsInterim(http_status_)) {
    http_status_ = 0;
    return true;
  }
  headers_ended_ = true;
  if (ends_stream || (http_status_ == 200 && is_grpc_)) return true;
  FailAsHttp();
  return false;
}

Response::Next Response::OnData(std::string_view& bytes) {
  if (ended_) return Next::kFailed;
  switch (reader_.Read(bytes)) {
    case MessageReader::Result::kNeedsMore:
      return Next::kNeedsMore;
    case MessageReader::Result::kTooLong:
      Fail(absl::StatusCode::kResourceExhausted,
           absl::StrCat("a response message of ", reader_.length(),
                        " bytes; at most ", limit_, " are allowed"));
      return Next::kFailed;
    case MessageReader::Result::kBadFlag:
      Fail(absl::StatusCode::kInternal,
           "a response message begins with a flag other than 0 and 1");
      return Next::kFailed;
    case MessageReader::Result::kMessage:
      break;
  }
  message_ = reader_.message();
  if (reader_.compressed() && !Unpack()) return Next::kFailed;
  ++messages_;
  return Next::kMessage;
}

bool Response::Unpack() {
  if (encoding_ != "gzip" && encoding_ != "deflate") {
    Fail(absl::StatusCode::kInternal,
         encoding_.empty() || encoding_ == "identity"
             ? "a compressed message without grpc-encoding"
             : absl::StrCat("grpc-encoding \"", encoding_,
                            "\" is not known; gzip and deflate are"));
    return false;
  }
  if (!wants_messages_) return true;
  const absl::Status unpacked = Gunzip(message_, limit_, unpacked_);
  if (!unpacked.ok()) {
    Fail(unpacked.code(),
         {unpacked.message().data(), unpacked.message().size()});
    return false;
  }
  message_ = unpacked_;
  return true;
}

void Response::OnClose(std::uint32_t http2_error) {
  if (ended_) return;
  if (has_status_ && (is_grpc_ || content_type_.empty())) {
    CheckWhole();
  } else if (headers_ended_ && (!is_grpc_ || http_status_ != 200)) {
    FailAsHttp();
  } else if (http2_error != NGHTTP2_NO_ERROR || !peer_ended_) {
    Fail(static_cast<absl::StatusCode>(StatusOfReset(http2_error)),
         absl::StrCat("the stream was reset: ",
                      nghttp2_http2_strerror(http2_error)));
  } else {
    Fail(absl::StatusCode::kUnknown, "the answer ended without grpc-status");
  }
  ended_ = true;
}

void Response::CheckWhole() {
  if (status_ != 0) return;
  if (reader_.inside()) {
    Fail(absl::StatusCode::kInternal,
         "the answer ended in the middle of a message");
  } else if (single_ && messages_ != 1) {
    Fail(absl::StatusCode::kInternal,
         absl::StrCat("one response message was due, ", messages_, " came"));
  }
}

void Response::FailAsHttp() {
  Fail(static_cast<absl::StatusCode>(StatusOfHttp(http_status_)),
       http_status_ != 200 ? absl::StrCat("HTTP status ", http_status_)
                           : absl::StrCat("content-type \"", content_type_,
                                          "\" is not ", std::string(kGrpc)));
}

void Response::Fail(absl::StatusCode code, std::string_view message) {
  if (ended_) return;
  ended_ = true;
  status_ = static_cast<int>(code);
  status_message_ = message;
}

void Response::KeepMetadata(std::string_view name, std::string_view value,
                            std::vector<Header>& into) {
  if (!name.ends_with("-bin")) return Keep(name, value, false, into);
  // Several binary values may stand in one header, behind commas.
  while (true) {
    const std::size_t comma = value.find(',');
    Keep(name, value.substr(0, comma), true, into);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

void Response::Keep(std::string_view name, std::string_view value, bool binary,
                    std::vector<Header>& into) {
  Header header;
  if (!spare_.empty()) {
    header = std::move(spare_.back());
    spare_.pop_back();
  }
  header.name = name;
  if (!binary || !DecodeBinary(value, header.value)) header.value = value;
  into.push_back(std::move(header));
}

void Response::Recycle(std::vector<Header>& headers) {
  for (Header& header : headers) spare_.push_back(std::move(header));
  headers.clear();
}

}  // namespace perfrig::drivers
