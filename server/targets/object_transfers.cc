#include "server/targets/object_transfers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace perfrig::targets {
namespace {

using target::v1::GetObjectRequest;
using target::v1::PutObjectRequest;

constexpr std::size_t kLargestChunk = 4U << 20;
constexpr std::uint64_t kChunkSent = 64U << 10;
constexpr std::size_t kDigestDigits = 64;
constexpr std::size_t kEtagDigits = 32;
// What an object takes beside its key and content.
constexpr std::uint64_t kObjectBytes = 512;

bool IsDigest(const std::string& text) {
  return text.size() == kDigestDigits &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(c) && !absl::ascii_isupper(c);
         });
}

void Describe(std::uint64_t size, const std::string& digest,
              target::v1::ObjectInfo& info) {
  info.set_size_bytes(size);
  info.set_sha256(digest);
  info.set_etag(digest.substr(0, kEtagDigits));
}

}  // namespace

std::shared_ptr<const Object> MakeObject(const std::string& key,
                                         const std::string& content,
                                         ByteBudget& budget) {
  auto object = std::make_shared<Object>();
  auto blob = std::make_unique<Blob>(budget);
  blob->Append(content);
  Sha256 digest;
  digest.Add(content);
  object->info.set_key(key);
  Describe(content.size(), digest.Finish(), object->info);
  object->content = std::move(blob);
  return object;
}

absl::Status Upload::Take(const PutObjectRequest& message) {
  if (object_ == nullptr) {
    if (message.has_header()) return TakeHeader(message.header());
    return absl::InvalidArgumentError("header: must come first");
  }
  if (!message.has_chunk()) {
    return absl::InvalidArgumentError(
        "chunk: must be set in all messages but the first");
  }
  if (message.chunk().size() > kLargestChunk) {
    return absl::InvalidArgumentError(
        absl::StrCat("chunk: must have at most ", kLargestChunk, " bytes, got ",
                     message.chunk().size()));
  }
  if (!content_->Append(message.chunk())) return Full();
  digest_.Add(message.chunk());
  return absl::OkStatus();
}

absl::Status Upload::TakeHeader(const PutObjectRequest::Header& header) {
  const absl::Status checked = CheckKey(header.key());
  if (!checked.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("header.", checked.message()));
  }
  if (!header.sha256().empty() && !IsDigest(header.sha256())) {
    return absl::InvalidArgumentError(
        absl::StrCat("header.sha256: must be ", kDigestDigits,
                     " lower-case hex digits, got \"",
                     header.sha256().substr(0, 100), "\""));
  }
  object_ = std::make_unique<Object>();
  object_->info.set_key(header.key());
  expected_digest_ = header.sha256();
  content_ = std::make_unique<Blob>(budget_);
  return content_->TakeOverhead(kObjectBytes + header.key().size())
             ? absl::OkStatus()
             : Full();
}

absl::Status Upload::Complete() {
  if (object_ == nullptr) {
    return absl::InvalidArgumentError("header: must come first, got nothing");
  }
  const std::string digest = digest_.Finish();
  if (!expected_digest_.empty() && digest != expected_digest_) {
    return absl::DataLossError(absl::StrCat("sha256: the content has ", digest,
                                            ", the header says ",
                                            expected_digest_));
  }
  Describe(content_->size(), digest, object_->info);
  return absl::OkStatus();
}

target::v1::ObjectInfo Upload::Keep() {
  target::v1::ObjectInfo info = object_->info;
  object_->content = std::move(content_);
  objects_.Put(std::move(object_));
  return info;
}

absl::Status Upload::Full() const {
  return absl::ResourceExhaustedError(
      absl::StrCat("content: the store holds at most ", budget_.limit(),
                   " bytes, of which ", budget_.used(), " are taken"));
}

absl::StatusOr<Download> Download::Of(const GetObjectRequest& request,
                                      std::shared_ptr<const Object> object) {
  const std::uint64_t size = object->info.size_bytes();
  if (request.offset() > size) {
    return absl::OutOfRangeError(
        absl::StrCat("offset: must be at most the size, ", size, ", got ",
                     request.offset()));
  }
  const std::uint64_t rest = size - request.offset();
  const std::uint64_t length =
      request.length() == 0 ? rest : std::min(request.length(), rest);
  return Download(std::move(object), request.offset(),
                  request.offset() + length);
}

std::string Download::NextChunk() {
  std::string chunk =
      object_->content->Read(next_, std::min(kChunkSent, end_ - next_));
  next_ += chunk.size();
  return chunk;
}

}  // namespace perfrig::targets
