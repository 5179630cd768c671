#include "server/backends/s3_upload.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backends/xml_leaves.h"

namespace perfrig::backends {
namespace {

std::string HeaderOf(const HttpHead& head, std::string_view name) {
  const auto found = head.headers.find(name);
  return found == head.headers.end() ? std::string() : found->second;
}

}  // namespace

S3Upload::S3Upload(HttpClient& http, const S3Place& place, std::string key,
                   std::string sha256)
    : S3Call(http),
      place_(place),
      key_(std::move(key)),
      sha256_(std::move(sha256)) {}

S3Upload::~S3Upload() {
  Cancel();
  if (upload_id_.empty()) return;
  // Nobody waits for this; where it fails the bucket's own rules clean up.
  std::make_shared<S3Call>(http_)->Ask(
      S3Request(place_, "DELETE", key_, {{"uploadId", upload_id_}}),
      [](const absl::StatusOr<S3Answer>&) {});
}

void S3Upload::Write(std::string_view chunk, WriteCallback callback) {
  part_.append(chunk);
  bytes_ += chunk.size();
  if (part_.size() < kPartBytes) return callback(absl::OkStatus());
  if (!upload_id_.empty()) return SendPart(std::move(callback));
  BeginParts([this, self = self(),
              callback = std::move(callback)](absl::Status begun) mutable {
    if (!begun.ok()) return callback(std::move(begun));
    SendPart(std::move(callback));
  });
}

void S3Upload::BeginParts(WriteCallback callback) {
  HttpRequest request = S3Request(place_, "POST", key_, {{"uploads", ""}});
  if (!sha256_.empty()) request.headers.push_back(Sha256Header(sha256_));
  Ask(std::move(request), [this, self = self(), callback = std::move(callback)](
                              const absl::StatusOr<S3Answer>& answer) {
    if (!answer.ok()) return callback(answer.status());
    const auto leaves = ReadXmlLeaves(answer->body);
    if (leaves.ok()) {
      upload_id_ = LeafOf(*leaves, "InitiateMultipartUploadResult/UploadId");
    }
    callback(upload_id_.empty()
                 ? absl::InternalError("s3: no UploadId in the answer")
                 : absl::OkStatus());
  });
}

void S3Upload::SendPart(WriteCallback callback) {
  const std::size_t number = etags_.size() + 1;
  Ask(S3Request(
          place_, "PUT", key_,
          {{"partNumber", absl::StrCat(number)}, {"uploadId", upload_id_}},
          std::exchange(part_, {})),
      [this, self = self(),
       callback = std::move(callback)](const absl::StatusOr<S3Answer>& answer) {
        if (!answer.ok()) return callback(answer.status());
        etags_.push_back(HeaderOf(answer->head, "etag"));
        callback(absl::OkStatus());
      });
}

void S3Upload::Finish(InfoCallback callback) {
  if (upload_id_.empty()) return FinishWhole(std::move(callback));
  if (part_.empty()) return FinishParts(std::move(callback));
  SendPart([this, self = self(),
            callback = std::move(callback)](absl::Status sent) mutable {
    if (!sent.ok()) return callback(std::move(sent));
    FinishParts(std::move(callback));
  });
}

void S3Upload::FinishWhole(InfoCallback callback) {
  const std::string digest = sha256_.empty() ? Sha256Hex(part_) : sha256_;
  HttpRequest request =
      S3Request(place_, "PUT", key_, {}, std::exchange(part_, {}));
  request.headers.push_back(Sha256Header(digest));
  Ask(std::move(request),
      [this, self = self(), digest,
       callback = std::move(callback)](const absl::StatusOr<S3Answer>& answer) {
        if (!answer.ok()) return callback(answer.status());
        target::v1::ObjectInfo info =
            Info(EtagOf(HeaderOf(answer->head, "etag")));
        info.set_sha256(digest);
        callback(std::move(info));
      });
}

HttpRequest S3Upload::Completion() const {
  std::string body = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags_.size(); ++i) {
    absl::StrAppend(&body, "<Part><PartNumber>", i + 1, "</PartNumber><ETag>",
                    XmlEscape(etags_[i]), "</ETag></Part>");
  }
  body += "</CompleteMultipartUpload>";
  return S3Request(place_, "POST", key_, {{"uploadId", upload_id_}},
                   std::move(body));
}

void S3Upload::FinishParts(InfoCallback callback) {
  Ask(Completion(), [this, self = self(), callback = std::move(callback)](
                        const absl::StatusOr<S3Answer>& answer) {
    if (!answer.ok()) return callback(answer.status());
    upload_id_.clear();
    const auto leaves = ReadXmlLeaves(answer->body);
    callback(Info(EtagOf(
        leaves.ok() ? LeafOf(*leaves, "CompleteMultipartUploadResult/ETag")
                    : std::string())));
  });
}

target::v1::ObjectInfo S3Upload::Info(std::string etag) const {
  target::v1::ObjectInfo info;
  info.set_key(key_);
  info.set_size_bytes(bytes_);
  info.set_sha256(sha256_);
  info.set_etag(std::move(etag));
  return info;
}

}  // namespace perfrig::backends
