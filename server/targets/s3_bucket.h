// Objects in a real bucket. It keeps nothing but what is on its way: a part of
// each object that is written, half a megabyte of each that is read.
#ifndef PERFRIG_SERVER_TARGETS_S3_BUCKET_H_
#define PERFRIG_SERVER_TARGETS_S3_BUCKET_H_

#include <memory>
#include <string>

#include "server/backends/s3_client.h"
#include "server/targets/blob.h"
#include "server/targets/bucket.h"
#include "server/targets/script/answers.h"

namespace perfrig::targets {

class S3Bucket final : public Bucket {
 public:
  // What is written counts in `budget` until the server has it. All outlive
  // this.
  S3Bucket(backends::S3Client& s3, Answers& answers, ByteBudget& budget)
      : s3_(s3), answers_(answers), budget_(budget) {}

  [[nodiscard]] const DelaySampler* read_delay() const override {
    return nullptr;
  }
  [[nodiscard]] const DelaySampler* write_delay() const override {
    return nullptr;
  }
  Task<absl::StatusOr<target::v1::ObjectInfo>> Head(
      Stay& stay, const std::string& key) override;
  // They are the server's own.
  [[nodiscard]] absl::Status CheckToken(
      const std::string& /*token*/) const override {
    return absl::OkStatus();
  }
  Task<absl::StatusOr<target::v1::ListObjectsResponse>> List(
      Stay& stay, const target::v1::ListObjectsRequest& request) override;
  Task<absl::StatusOr<bool>> Delete(Stay& stay,
                                    const std::string& key) override;
  Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> Open(
      Stay& stay, const target::v1::GetObjectRequest& request) override;
  absl::StatusOr<std::unique_ptr<ObjectWriter>> Create(
      const std::string& key, const std::string& sha256) override;

 private:
  backends::S3Client& s3_;
  Answers& answers_;
  ByteBudget& budget_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_S3_BUCKET_H_
