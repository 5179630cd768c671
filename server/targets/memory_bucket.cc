#include "server/targets/memory_bucket.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/targets/sha256.h"

namespace perfrig::targets {
namespace {

using target::v1::GetObjectRequest;
using target::v1::ListObjectsRequest;
using target::v1::ListObjectsResponse;
using target::v1::ObjectInfo;

constexpr std::uint64_t kChunkSent = 64U << 10;
constexpr std::size_t kEtagDigits = 32;
// What an object takes beside its key and content.
constexpr std::uint64_t kObjectBytes = 512;

ObjectInfo Describe(const std::string& key, std::uint64_t size,
                    const std::string& digest) {
  ObjectInfo info;
  info.set_key(key);
  info.set_size_bytes(size);
  info.set_sha256(digest);
  info.set_etag(digest.substr(0, kEtagDigits));
  return info;
}

// Of what the seed makes, which lives as long as a call reads it.
ByteBudget& Unbounded() {
  static ByteBudget& budget = *new ByteBudget(UINT64_MAX);
  return budget;
}

class Reader final : public ObjectReader {
 public:
  Reader(std::shared_ptr<const Object> object, std::uint64_t from,
         std::uint64_t to)
      : object_(std::move(object)), next_(from), end_(to) {}

  static absl::StatusOr<std::unique_ptr<ObjectReader>> Of(
      const GetObjectRequest& request, std::shared_ptr<const Object> object) {
    const std::uint64_t size = object->info.size_bytes();
    const bool is_part = request.offset() > 0 || request.length() > 0;
    if (is_part && request.offset() >= size) {
      return absl::OutOfRangeError(
          absl::StrCat("offset: must be less than the size, ", size, ", got ",
                       request.offset()));
    }
    const std::uint64_t rest = size - request.offset();
    const std::uint64_t length =
        request.length() == 0 ? rest : std::min(request.length(), rest);
    return std::make_unique<Reader>(std::move(object), request.offset(),
                                    request.offset() + length);
  }

  [[nodiscard]] const ObjectInfo& info() const override {
    return object_->info;
  }
  Task<absl::StatusOr<std::string>> Read(Stay& /*stay*/) override {
    std::string chunk =
        object_->content->Read(next_, std::min(kChunkSent, end_ - next_));
    next_ += chunk.size();
    co_return chunk;
  }

 private:
  const std::shared_ptr<const Object> object_;
  std::uint64_t next_;
  const std::uint64_t end_;
};

class Writer final : public ObjectWriter {
 public:
  // All outlive this.
  Writer(std::string key, std::unique_ptr<Blob> content, ByteBudget& budget,
         Objects& objects)
      : key_(std::move(key)),
        content_(std::move(content)),
        budget_(budget),
        objects_(objects),
        epoch_(objects.epoch()) {}

  Task<absl::Status> Write(Stay& /*stay*/, std::string_view chunk) override {
    co_return content_->Append(chunk) ? absl::OkStatus() : Full(budget_);
  }
  Task<absl::StatusOr<ObjectInfo>> Finish(Stay& /*stay*/,
                                          std::string digest) override {
    auto object = std::make_shared<Object>();
    object->info = Describe(key_, content_->size(), digest);
    object->content = std::move(content_);
    ObjectInfo info = object->info;
    if (!objects_.Put(std::move(object), epoch_)) {
      co_return absl::UnavailableError("the target was reset");
    }
    co_return info;
  }

 private:
  const std::string key_;
  std::unique_ptr<Blob> content_;
  ByteBudget& budget_;
  Objects& objects_;
  const std::uint64_t epoch_;
};

}  // namespace

ObjectInfo MemoryBucket::InfoOf(const std::string& key,
                                const std::string& text) {
  Sha256 digest;
  digest.Add(text);
  return Describe(key, text.size(), digest.Finish());
}

absl::StatusOr<std::unique_ptr<ObjectReader>> MemoryBucket::Read(
    const GetObjectRequest& request, const std::string& text) {
  auto object = std::make_shared<Object>();
  object->info = InfoOf(request.key(), text);
  auto content = std::make_unique<Blob>(Unbounded());
  content->Append(text);
  object->content = std::move(content);
  return Reader::Of(request, std::move(object));
}

Task<absl::StatusOr<ObjectInfo>> MemoryBucket::Head(Stay& /*stay*/,
                                                    const std::string& key) {
  CO_ASSIGN_OR_RETURN(const auto object, objects_.Get(key));
  co_return object->info;
}

absl::Status MemoryBucket::CheckToken(const std::string& token) const {
  return Objects::CheckToken(token);
}

Task<absl::StatusOr<ListObjectsResponse>> MemoryBucket::List(
    Stay& /*stay*/, const ListObjectsRequest& request) {
  co_return objects_.List(request);
}

Task<absl::StatusOr<bool>> MemoryBucket::Delete(Stay& /*stay*/,
                                                const std::string& key) {
  co_return objects_.Delete(key);
}

Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> MemoryBucket::Open(
    Stay& /*stay*/, const GetObjectRequest& request) {
  CO_ASSIGN_OR_RETURN(auto object, objects_.Get(request.key()));
  co_return Reader::Of(request, std::move(object));
}

absl::StatusOr<std::unique_ptr<ObjectWriter>> MemoryBucket::Create(
    const std::string& key, const std::string& /*sha256*/) {
  auto content = std::make_unique<Blob>(budget_);
  if (!content->TakeOverhead(kObjectBytes + key.size())) return Full(budget_);
  return std::make_unique<Writer>(key, std::move(content), budget_, objects_);
}

}  // namespace perfrig::targets
