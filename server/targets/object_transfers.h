// What the streams of the ObjectStore target move.
#ifndef PERFRIG_SERVER_TARGETS_OBJECT_TRANSFERS_H_
#define PERFRIG_SERVER_TARGETS_OBJECT_TRANSFERS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/targets/blob.h"
#include "server/targets/objects.h"
#include "server/targets/sha256.h"

namespace perfrig::targets {

// A whole one, counted in `budget`, which has room for it.
std::shared_ptr<const Object> MakeObject(const std::string& key,
                                         const std::string& content,
                                         ByteBudget& budget);

// An object that comes in pieces; kept when all of it has come. Whatever is not
// kept gives its bytes back.
class Upload {
 public:
  // Both outlive this.
  Upload(ByteBudget& budget, Objects& objects)
      : budget_(budget), objects_(objects) {}

  // The next message.
  absl::Status Take(const target::v1::PutObjectRequest& message);
  // All have come: whether it is whole.
  absl::Status Complete();
  // After that.
  target::v1::ObjectInfo Keep();

 private:
  absl::Status TakeHeader(const target::v1::PutObjectRequest::Header& header);
  [[nodiscard]] absl::Status Full() const;

  ByteBudget& budget_;
  Objects& objects_;
  std::unique_ptr<Object> object_;
  std::unique_ptr<Blob> content_;
  Sha256 digest_;
  std::string expected_digest_;
};

// The part of an object that a request asks for, in pieces.
class Download {
 public:
  // OUT_OF_RANGE where it begins behind the object's end.
  static absl::StatusOr<Download> Of(
      const target::v1::GetObjectRequest& request,
      std::shared_ptr<const Object> object);

  [[nodiscard]] const target::v1::ObjectInfo& info() const {
    return object_->info;
  }
  // Empty at the end.
  std::string NextChunk();

 private:
  Download(std::shared_ptr<const Object> object, std::uint64_t from,
           std::uint64_t to)
      : object_(std::move(object)), next_(from), end_(to) {}

  std::shared_ptr<const Object> object_;
  std::uint64_t next_;
  std::uint64_t end_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OBJECT_TRANSFERS_H_
