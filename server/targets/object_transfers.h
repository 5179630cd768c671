// The streams of the ObjectStore target.
#ifndef PERFRIG_SERVER_TARGETS_OBJECT_TRANSFERS_H_
#define PERFRIG_SERVER_TARGETS_OBJECT_TRANSFERS_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "perfrig/target/v1/object_store.pb.h"
#include "server/targets/blob.h"
#include "server/targets/objects.h"
#include "server/targets/sha256.h"
#include "server/targets/stream_calls.h"

namespace perfrig::targets {

// PutObject: keeps the object when the last byte has come and the work is done.
class Upload final : public ReadingCall<target::v1::PutObjectRequest> {
 public:
  Upload(Target& target, grpc::CallbackServerContext* context,
         const DelaySampler* own_delay, ByteBudget& budget, Objects& objects,
         target::v1::ObjectInfo& response);

 private:
  absl::Status Take(target::v1::PutObjectRequest& message) override;
  absl::Status Complete() override;
  absl::Status Answer() override;
  double PayloadBytes(
      const target::v1::PutObjectRequest& message) const override {
    return static_cast<double>(message.chunk().size());
  }

  absl::Status TakeHeader(const target::v1::PutObjectRequest::Header& header);
  [[nodiscard]] absl::Status Full() const;

  ByteBudget& budget_;
  Objects& objects_;
  target::v1::ObjectInfo& response_;
  std::unique_ptr<Object> object_;
  std::unique_ptr<Blob> content_;
  Sha256 digest_;
  std::string expected_digest_;
};

// GetObject: info, then chunks at the bandwidth.
class Download final : public WritingCall<target::v1::GetObjectResponse> {
 public:
  Download(Target& target, grpc::CallbackServerContext* context,
           const DelaySampler* own_delay, const Objects& objects,
           const target::v1::GetObjectRequest& request);

 private:
  absl::Status Begin() override;
  std::optional<Due> Next(target::v1::GetObjectResponse& message) override;

  const Objects& objects_;
  const target::v1::GetObjectRequest& request_;
  std::shared_ptr<const Object> object_;
  bool told_info_ = false;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OBJECT_TRANSFERS_H_
