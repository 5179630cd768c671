// An object that is written piece by piece, its size unknown until the end:
// sent at once if it fits into one part, else in parts of 8 MiB (S3's multipart
// upload), of which one at a time is held in memory. Nothing can be seen of it
// before Finish.
#ifndef PERFRIG_SERVER_BACKENDS_S3_UPLOAD_H_
#define PERFRIG_SERVER_BACKENDS_S3_UPLOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/backends/s3_call.h"

namespace perfrig::backends {

// Made by S3Client::Put; one Write or Finish at a time.
class S3Upload final : public S3Call {
 public:
  using WriteCallback = std::function<void(absl::Status)>;
  using InfoCallback =
      std::function<void(absl::StatusOr<target::v1::ObjectInfo>)>;

  static constexpr std::size_t kPartBytes = 8U << 20;

  S3Upload(HttpClient& http, const S3Place& place, std::string key,
           std::string sha256);
  // What was not finished is thrown away at the server too.
  ~S3Upload() override;

  // OK when more may be written. Compares no digest: whoever writes does,
  // before Finish, and lets go of the upload instead if it is wrong.
  void Write(std::string_view chunk, WriteCallback callback);
  void Finish(InfoCallback callback);

 private:
  [[nodiscard]] std::shared_ptr<S3Upload> self() {
    return std::static_pointer_cast<S3Upload>(shared_from_this());
  }

  void FinishWhole(InfoCallback callback);
  void FinishParts(InfoCallback callback);
  void BeginParts(WriteCallback callback);
  // What is in part_, in a multipart upload that has begun.
  void SendPart(WriteCallback callback);
  [[nodiscard]] HttpRequest Completion() const;
  [[nodiscard]] target::v1::ObjectInfo Info(std::string etag) const;

  const S3Place place_;
  const std::string key_;
  const std::string sha256_;
  // Less than a part and a chunk.
  std::string part_;
  std::uint64_t bytes_ = 0;
  // Empty until a second part is needed, and when all is done.
  std::string upload_id_;
  std::vector<std::string> etags_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_S3_UPLOAD_H_
