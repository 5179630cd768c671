#include "server/backends/s3_download.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::backends {

S3Download::S3Download(HttpClient& http, const S3Place& place,
                       const target::v1::GetObjectRequest& request)
    : S3Call(http),
      key_(request.key()),
      request_(S3Request(place, "GET", request.key(), {})) {
  if (request.offset() == 0 && request.length() == 0) return;
  // The last byte is named too.
  request_.headers.push_back(absl::StrCat(
      "Range: bytes=", request.offset(), "-",
      request.length() == 0
          ? ""
          : absl::StrCat(request.offset() + request.length() - 1)));
}

void S3Download::Begin(InfoCallback callback) {
  auto exchange = Start(std::move(request_));
  if (!exchange.ok()) return callback(exchange.status());
  exchange_ = *exchange;
  exchange_->Head(
      [this, self = shared_from_this(),
       callback = std::move(callback)](absl::StatusOr<HttpHead> head) mutable {
        if (!head.ok()) return callback(head.status());
        if (head->status == 200 || head->status == 206) {
          return callback(InfoOf(key_, *head));
        }
        Collect(exchange_, {*std::move(head), ""},
                [callback = std::move(callback)](
                    const absl::StatusOr<S3Answer>& answer) {
                  callback(answer.ok() ? absl::InternalError(absl::StrCat(
                                             "s3: ", answer->head.status))
                                       : answer.status());
                });
      });
}

}  // namespace perfrig::backends
