#include "server/targets/s3_bucket.h"

#include <cstdint>
#include <utility>

namespace perfrig::targets {
namespace {

using backends::S3Download;
using backends::S3Upload;
using target::v1::GetObjectRequest;
using target::v1::ListObjectsRequest;
using target::v1::ListObjectsResponse;
using target::v1::ObjectInfo;

// The answer of something that has none but that it is done.
struct Done {};

// The time counts as `phase`.
template <class T>
Task<absl::StatusOr<T>> Await(Answers& answers, Stay& stay, Phase phase,
                              Answers::Ask<T> ask) {
  const Nanos began = stay.Now();
  absl::StatusOr<T> answer =
      co_await answers.Await<T>(stay.scope(), std::move(ask));
  stay.AddPhase(phase, stay.Now() - began);
  co_return answer;
}

template <class Call>
Answers::Withdraw Cancelling(std::shared_ptr<Call> call) {
  return [call = std::move(call)] { call->Cancel(); };
}

class Reader final : public ObjectReader {
 public:
  // `answers` outlive this.
  Reader(Answers& answers, std::shared_ptr<S3Download> download,
         ObjectInfo info)
      : answers_(answers),
        download_(std::move(download)),
        info_(std::move(info)) {}

  [[nodiscard]] const ObjectInfo& info() const override { return info_; }
  Task<absl::StatusOr<std::string>> Read(Stay& stay) override {
    return Await<std::string>(answers_, stay, Phase::kTransfer,
                              [download = download_](auto callback) {
                                download->Read(std::move(callback));
                                return Cancelling(download);
                              });
  }

 private:
  Answers& answers_;
  const std::shared_ptr<S3Download> download_;
  const ObjectInfo info_;
};

class Writer final : public ObjectWriter {
 public:
  // Both references outlive this.
  Writer(Answers& answers, ByteBudget& budget, std::shared_ptr<S3Upload> upload)
      : answers_(answers), budget_(budget), upload_(std::move(upload)) {}
  ~Writer() override { budget_.Give(held_); }

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Task<absl::Status> Write(Stay& stay, std::string_view chunk) override {
    if (!budget_.Take(chunk.size())) co_return Full(budget_);
    held_ += chunk.size();
    Answers::Ask<Done> ask = [upload = upload_, chunk](auto callback) {
      upload->Write(chunk,
                    [callback = std::move(callback)](absl::Status status) {
                      if (!status.ok()) return callback(std::move(status));
                      callback(Done());
                    });
      return Cancelling(upload);
    };
    const auto written =
        co_await Await(answers_, stay, Phase::kTransfer, std::move(ask));
    CO_RETURN_IF_ERROR(written.status());
    // A whole part has gone.
    if (held_ >= S3Upload::kPartBytes) budget_.Give(std::exchange(held_, 0));
    co_return absl::OkStatus();
  }
  Task<absl::StatusOr<ObjectInfo>> Finish(Stay& stay,
                                          std::string digest) override {
    Answers::Ask<ObjectInfo> ask = [upload = upload_](auto callback) {
      upload->Finish(std::move(callback));
      return Cancelling(upload);
    };
    CO_ASSIGN_OR_RETURN(
        ObjectInfo info,
        co_await Await(answers_, stay, Phase::kWork, std::move(ask)));
    // The server is not told the digest of what went in parts.
    info.set_sha256(std::move(digest));
    co_return info;
  }

 private:
  Answers& answers_;
  ByteBudget& budget_;
  const std::shared_ptr<S3Upload> upload_;
  // Of the budget.
  std::uint64_t held_ = 0;
};

}  // namespace

Task<absl::StatusOr<ObjectInfo>> S3Bucket::Head(Stay& stay,
                                                const std::string& key) {
  return Await<ObjectInfo>(
      answers_, stay, Phase::kWork, [this, &key](auto callback) {
        return Cancelling(s3_.Head(key, std::move(callback)));
      });
}

Task<absl::StatusOr<ListObjectsResponse>> S3Bucket::List(
    Stay& stay, const ListObjectsRequest& request) {
  return Await<ListObjectsResponse>(
      answers_, stay, Phase::kWork, [this, &request](auto callback) {
        return Cancelling(s3_.List(request, std::move(callback)));
      });
}

Task<absl::StatusOr<bool>> S3Bucket::Delete(Stay& stay,
                                            const std::string& key) {
  return Await<bool>(answers_, stay, Phase::kWork, [this, &key](auto callback) {
    return Cancelling(s3_.Delete(key, std::move(callback)));
  });
}

Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> S3Bucket::Open(
    Stay& stay, const GetObjectRequest& request) {
  const std::shared_ptr<S3Download> download = s3_.Get(request);
  Answers::Ask<ObjectInfo> ask = [download](auto callback) {
    download->Begin(std::move(callback));
    return Cancelling(download);
  };
  CO_ASSIGN_OR_RETURN(
      ObjectInfo info,
      co_await Await(answers_, stay, Phase::kWork, std::move(ask)));
  co_return std::make_unique<Reader>(answers_, download, std::move(info));
}

absl::StatusOr<std::unique_ptr<ObjectWriter>> S3Bucket::Create(
    const std::string& key, const std::string& sha256) {
  return std::make_unique<Writer>(answers_, budget_, s3_.Put(key, sha256));
}

}  // namespace perfrig::targets
