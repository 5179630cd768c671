#include "server/backends/s3_download.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backends/s3_messages.h"

namespace perfrig::backends {

S3Download::S3Download(HttpClient& http, const S3Place& place,
                       const target::v1::GetObjectRequest& request)
    : S3Call(http),
      key_(request.key()),
      request_(S3Request(place, "GET", request.key(), {})) {
  std::string range = RangeHeader(request.offset(), request.length());
  is_part_ = !range.empty();
  if (is_part_) request_.headers.push_back(std::move(range));
}

void S3Download::Begin(InfoCallback callback) {
  auto exchange = Start(std::move(request_));
  if (!exchange.ok()) return callback(exchange.status());
  exchange_ = *exchange;
  exchange_->Head(
      [this, self = shared_from_this(),
       callback = std::move(callback)](absl::StatusOr<HttpHead> head) mutable {
        if (!head.ok()) return callback(head.status());
        if (head->status == (is_part_ ? 206 : 200)) {
          return callback(InfoOf(key_, *head));
        }
        if (head->status == 200) {
          exchange_->Cancel();
          return callback(absl::InternalError(
              "s3: gave all of an object that was asked for a part"));
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
