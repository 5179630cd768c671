// The ObjectStore target's real back end: a bucket at any S3 endpoint.
//
//   ASSIGN_OR_RETURN(auto s3, S3Client::Create({.endpoint =
//       "http://127.0.0.1:9000", .bucket = "bench", …}));
//   auto call = s3->Head("key", [](absl::StatusOr<ObjectInfo> info) { … });
//   if (call->Cancel()) return;  // The callback never runs.
#ifndef PERFRIG_SERVER_BACKENDS_S3_CLIENT_H_
#define PERFRIG_SERVER_BACKENDS_S3_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/backends/http_client.h"
#include "server/backends/s3_download.h"
#include "server/backends/s3_messages.h"
#include "server/backends/s3_options.h"
#include "server/backends/s3_upload.h"

namespace perfrig::backends {

// Thread-safe; no call waits. Each callback runs once, at once or later on the
// client's thread, where it must not block: NOT_FOUND, PERMISSION_DENIED and
// such as the server says, RESOURCE_EXHAUSTED where too many wait already.
// Outlives what is done with its calls.
class S3Client {
 public:
  using InfoCallback =
      std::function<void(absl::StatusOr<target::v1::ObjectInfo>)>;
  using ListCallback =
      std::function<void(absl::StatusOr<target::v1::ListObjectsResponse>)>;
  using DeleteCallback = std::function<void(absl::StatusOr<bool>)>;

  // INVALID_ARGUMENT for options that cannot be.
  static absl::StatusOr<std::unique_ptr<S3Client>> Create(
      const S3Options& options);

  // "http://host:port/bucket".
  [[nodiscard]] std::string Address() const {
    return place_.endpoint + "/" + place_.bucket;
  }

  // Keys are not empty. `sha256` of an object is the one that it was written
  // with, if it was.
  std::shared_ptr<S3Call> Head(const std::string& key, InfoCallback callback);
  // `page_token` is the server's own; objects come without sha256.
  std::shared_ptr<S3Call> List(const target::v1::ListObjectsRequest& request,
                               ListCallback callback);
  // False if there was none: S3 doesn't say, so it is asked before.
  std::shared_ptr<S3Call> Delete(const std::string& key,
                                 DeleteCallback callback);
  // Nothing is sent before its Begin.
  std::shared_ptr<S3Download> Get(const target::v1::GetObjectRequest& request);
  // Nothing is sent before its first Write. `sha256`, if known, is kept beside
  // the object.
  std::shared_ptr<S3Upload> Put(const std::string& key,
                                const std::string& sha256);

 private:
  S3Client(const S3Options& options, const HttpOptions& http)
      : place_{options.endpoint, options.bucket}, http_(http) {}

  const S3Place place_;
  HttpClient http_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_S3_CLIENT_H_
