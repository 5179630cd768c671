// Objects in this process.
#ifndef PERFRIG_SERVER_TARGETS_MEMORY_BUCKET_H_
#define PERFRIG_SERVER_TARGETS_MEMORY_BUCKET_H_

#include <cstddef>
#include <memory>
#include <string>

#include "server/targets/blob.h"
#include "server/targets/bucket.h"
#include "server/targets/objects.h"

namespace perfrig::targets {

class MemoryBucket final : public Bucket {
 public:
  // All objects, those in writing included, count in `budget`, which outlives
  // this.
  explicit MemoryBucket(ByteBudget& budget) : budget_(budget) {}

  // A reader of a text that is the object of that key.
  static absl::StatusOr<std::unique_ptr<ObjectReader>> Read(
      const target::v1::GetObjectRequest& request, const std::string& text);
  // Of such an object.
  static target::v1::ObjectInfo InfoOf(const std::string& key,
                                       const std::string& text);

  [[nodiscard]] const DelaySampler* read_delay() const override {
    return &read_delay_;
  }
  [[nodiscard]] const DelaySampler* write_delay() const override {
    return &write_delay_;
  }
  Task<absl::StatusOr<target::v1::ObjectInfo>> Head(
      Stay& stay, const std::string& key) override;
  [[nodiscard]] absl::Status CheckToken(
      const std::string& token) const override;
  Task<absl::StatusOr<target::v1::ListObjectsResponse>> List(
      Stay& stay, const target::v1::ListObjectsRequest& request) override;
  Task<absl::StatusOr<bool>> Delete(Stay& stay,
                                    const std::string& key) override;
  Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> Open(
      Stay& stay, const target::v1::GetObjectRequest& request) override;
  absl::StatusOr<std::unique_ptr<ObjectWriter>> Create(
      const std::string& key, const std::string& sha256) override;

  void Clear() { objects_.Clear(); }
  [[nodiscard]] std::size_t size() const { return objects_.size(); }

 private:
  const DelaySampler read_delay_ = DelaySampler::Fixed(50 * kMillisecond);
  const DelaySampler write_delay_ = DelaySampler::Fixed(10 * kMillisecond);
  ByteBudget& budget_;
  Objects objects_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_MEMORY_BUCKET_H_
