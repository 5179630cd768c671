#include "server/backends/s3_client.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace perfrig::backends {
namespace {

using target::v1::GetObjectRequest;
using target::v1::ListObjectsRequest;

constexpr std::uint32_t kLargestPage = 1'000;

bool IsEndpoint(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "http://") &&
      !absl::ConsumePrefix(&text, "https://")) {
    return false;
  }
  return !text.empty() &&
         text.find_first_of("/?#@ ") == absl::string_view::npos;
}

}  // namespace

absl::StatusOr<std::unique_ptr<S3Client>> S3Client::Create(
    const S3Options& options) {
  if (!IsEndpoint(options.endpoint)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "endpoint: must be http://HOST[:PORT] or https://HOST[:PORT], got \"",
        options.endpoint, "\""));
  }
  if (options.bucket.empty()) {
    return absl::InvalidArgumentError("bucket: must not be empty");
  }
  if (options.connections == 0) {
    return absl::InvalidArgumentError("connections: must be at least 1, got 0");
  }
  HttpOptions http;
  http.connections = options.connections;
  http.queue_limit = options.queue_limit;
  http.connect_timeout = options.connect_timeout;
  http.idle_timeout = options.idle_timeout;
  http.signature = absl::StrCat("aws:amz:", options.region, ":s3");
  http.credentials = absl::StrCat(options.access_key, ":", options.secret_key);
  return std::unique_ptr<S3Client>(new S3Client(options, http));
}

std::shared_ptr<S3Call> S3Client::Head(const std::string& key,
                                       InfoCallback callback) {
  auto call = std::make_shared<S3Call>(http_);
  call->Ask(S3Request(place_, "HEAD", key, {}),
            [key, callback = std::move(callback)](
                const absl::StatusOr<S3Answer>& answer) {
              if (!answer.ok()) return callback(answer.status());
              callback(InfoOf(key, answer->head));
            });
  return call;
}

std::shared_ptr<S3Call> S3Client::List(const ListObjectsRequest& request,
                                       ListCallback callback) {
  std::map<std::string, std::string> query = {
      {"list-type", "2"},
      {"max-keys",
       absl::StrCat(request.page_size() == 0 ? kLargestPage
                                             : request.page_size())}};
  if (!request.prefix().empty()) query["prefix"] = request.prefix();
  if (!request.page_token().empty()) {
    query["continuation-token"] = request.page_token();
  }
  auto call = std::make_shared<S3Call>(http_);
  call->Ask(
      S3Request(place_, "GET", "", query),
      [callback = std::move(callback)](const absl::StatusOr<S3Answer>& answer) {
        if (!answer.ok()) return callback(answer.status());
        callback(ReadList(answer->body));
      });
  return call;
}

std::shared_ptr<S3Call> S3Client::Delete(const std::string& key,
                                         DeleteCallback callback) {
  auto call = std::make_shared<S3Call>(http_);
  call->Ask(S3Request(place_, "HEAD", key, {}),
            [call, remove = S3Request(place_, "DELETE", key, {}),
             callback = std::move(callback)](
                const absl::StatusOr<S3Answer>& found) mutable {
              if (absl::IsNotFound(found.status())) return callback(false);
              if (!found.ok()) return callback(found.status());
              call->Ask(std::move(remove),
                        [callback = std::move(callback)](
                            const absl::StatusOr<S3Answer>& removed) {
                          if (!removed.ok()) return callback(removed.status());
                          callback(true);
                        });
            });
  return call;
}

std::shared_ptr<S3Download> S3Client::Get(const GetObjectRequest& request) {
  return std::make_shared<S3Download>(http_, place_, request);
}

std::shared_ptr<S3Upload> S3Client::Put(const std::string& key,
                                        const std::string& sha256) {
  return std::make_shared<S3Upload>(http_, place_, key, sha256);
}

}  // namespace perfrig::backends
