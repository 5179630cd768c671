#include "server/backends/http_transfer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace perfrig::backends {
namespace {

// What libcurl's options and numbers are.
using Long = decltype(0L);

constexpr Long kBufferBytes = 256L << 10;

}  // namespace

HttpTransfer::HttpTransfer(std::shared_ptr<HttpExchange> exchange,
                           HttpRequest request, const HttpOptions& options)
    : exchange_(std::move(exchange)),
      request_(std::move(request)),
      handle_(curl_easy_init()) {
  CURL* handle = handle_.get();
  for (const std::string& header : request_.headers) {
    curl_slist* longer = curl_slist_append(headers_.get(), header.c_str());
    // The list is the same but for the first, which makes it.
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  curl_easy_setopt(handle, CURLOPT_URL, request_.url.c_str());
  // "a/../b" is a name, and signed as it is.
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  // What is measured is the endpoint, not the way that an environment variable
  // sends it.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(
      handle, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<Long>(absl::ToInt64Milliseconds(options.connect_timeout)));
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(
      handle, CURLOPT_LOW_SPEED_TIME,
      std::max(1L,
               static_cast<Long>(absl::ToInt64Seconds(options.idle_timeout))));
  if (!options.signature.empty()) {
    curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, options.signature.c_str());
    curl_easy_setopt(handle, CURLOPT_USERPWD, options.credentials.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, kBufferBytes);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, exchange_.get());
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  SetMethod();
}

void HttpTransfer::SetMethod() {
  CURL* handle = handle_.get();
  if (request_.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request_.method == "PUT" || request_.method == "POST") {
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, Send);
    curl_easy_setopt(handle, CURLOPT_READDATA, this);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  } else if (request_.method != "GET") {
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
}

std::size_t HttpTransfer::Send(char* to, std::size_t size, std::size_t count,
                               void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::string& body = transfer.request_.body;
  const std::size_t bytes = body.copy(to, size * count, transfer.sent_);
  transfer.sent_ += bytes;
  return bytes;
}

std::size_t HttpTransfer::TakeHeader(const char* line, std::size_t size,
                                     std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  const std::string_view text(line, size * count);
  Long status = 0;
  curl_easy_getinfo(transfer.handle(), CURLINFO_RESPONSE_CODE, &status);
  if (text.starts_with("HTTP/")) {
    transfer.head_ = {};
  } else if (const std::size_t colon = text.find(':');
             colon != std::string_view::npos) {
    const auto trimmed = [](std::string_view part) {
      return std::string(absl::StripAsciiWhitespace(
          absl::string_view(part.data(), part.size())));
    };
    transfer.head_
        .headers[absl::AsciiStrToLower(trimmed(text.substr(0, colon)))] =
        trimmed(text.substr(colon + 1));
  } else if (status >= 200) {
    // The empty line; after 100 another head follows.
    transfer.head_.status = static_cast<int>(status);
    transfer.exchange_->TakeHead(transfer.head_);
  }
  return text.size();
}

std::size_t HttpTransfer::TakeBody(const char* bytes, std::size_t size,
                                   std::size_t count, void* self) {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  return transfer.exchange_->TakeBytes(bytes, size * count)
             ? size * count
             : CURL_WRITEFUNC_PAUSE;
}

void HttpTransfer::Resume() {
  {
    MutexLock lock(exchange_->mutex_);
    if (!exchange_->paused_ || !exchange_->unread_.empty()) return;
    exchange_->paused_ = false;
  }
  curl_easy_pause(handle(), CURLPAUSE_CONT);
}

void HttpTransfer::Finish(CURLcode code) {
  if (code == CURLE_OK) return exchange_->Finish(absl::OkStatus());
  const std::string why = absl::StrCat(
      "http: ", error_[0] != '\0' ? error_ : curl_easy_strerror(code));
  exchange_->Finish(code == CURLE_OPERATION_TIMEDOUT
                        ? absl::DeadlineExceededError(why)
                        : absl::UnavailableError(why));
}

}  // namespace perfrig::backends
