// An object that comes at the pace of whoever reads it.
//
//   auto download = s3->Get(request);
//   download->Begin([](absl::StatusOr<ObjectInfo> info) { … });
//   download->Read([](absl::StatusOr<std::string> chunk) { … });
#ifndef PERFRIG_SERVER_BACKENDS_S3_DOWNLOAD_H_
#define PERFRIG_SERVER_BACKENDS_S3_DOWNLOAD_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/backends/s3_call.h"

namespace perfrig::backends {

// Made by S3Client::Get; one Begin or Read at a time.
class S3Download final : public S3Call {
 public:
  using InfoCallback =
      std::function<void(absl::StatusOr<target::v1::ObjectInfo>)>;
  using ReadCallback = HttpExchange::ReadCallback;

  S3Download(HttpClient& http, const S3Place& place,
             const target::v1::GetObjectRequest& request);
  // Ends what was not read.
  ~S3Download() override { Cancel(); }

  // Once. OUT_OF_RANGE where a part is asked for that begins behind the last
  // byte.
  void Begin(InfoCallback callback);
  // After Begin went well: the next bytes, nothing at the end. What is not read
  // is held up on its way: at most 512 KiB come ahead.
  void Read(ReadCallback callback) { exchange_->Read(std::move(callback)); }

 private:
  const std::string key_;
  HttpRequest request_;
  bool is_part_ = false;
  // Set before Begin's callback runs.
  std::shared_ptr<HttpExchange> exchange_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_S3_DOWNLOAD_H_
