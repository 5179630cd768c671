#include "server/targets/object_put.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/targets/objects.h"
#include "server/targets/serve.h"

namespace perfrig::targets {
namespace {

using target::v1::ObjectInfo;

constexpr std::size_t kLargestChunk = 4U << 20;
constexpr std::size_t kDigestDigits = 64;

bool IsDigest(const std::string& text) {
  return text.size() == kDigestDigits &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(c) && !absl::ascii_isupper(c);
         });
}

absl::Status Check(const ObjectPut::Header& header) {
  const absl::Status key = CheckKey(header.key());
  if (!key.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("header.", key.message()));
  }
  if (header.sha256().empty() || IsDigest(header.sha256())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "header.sha256: must be ", kDigestDigits,
      " lower-case hex digits, got \"", header.sha256().substr(0, 100), "\""));
}

}  // namespace

Task<absl::Status> ObjectPut::Enter() {
  CO_RETURN_IF_ERROR(co_await stay_.Enter({.stream = true}));
  began_ = stay_.Now();
  co_return absl::OkStatus();
}

absl::Status ObjectPut::Open(const Header& header) {
  RETURN_IF_ERROR(Check(header));
  ASSIGN_OR_RETURN(writer_, bucket_.Create(header.key(), header.sha256()));
  expected_digest_ = header.sha256();
  return stay_.TakesDrop() ? Dropped() : absl::OkStatus();
}

Task<absl::Status> ObjectPut::Add(std::string_view chunk) {
  if (chunk.size() > kLightBytes) {
    CO_RETURN_IF_ERROR(co_await elsewhere_.Go(stay_.scope()));
  }
  CO_RETURN_IF_ERROR(co_await writer_->Write(stay_, chunk));
  digest_.Add(chunk);
  if (stay_.TakesDrop()) co_return Dropped();
  bytes_ += static_cast<double>(chunk.size());
  co_return co_await stay_.WaitUntil(
      began_ + Station::TransferTime(stay_, bytes_), Phase::kTransfer);
}

Task<absl::StatusOr<ObjectInfo>> ObjectPut::Finish() {
  std::string digest = digest_.Finish();
  if (!expected_digest_.empty() && digest != expected_digest_) {
    co_return absl::DataLossError(absl::StrCat("sha256: the content has ",
                                               digest, ", the header says ",
                                               expected_digest_));
  }
  CO_RETURN_IF_ERROR(co_await stay_.Work(bucket_.write_delay()));
  co_return co_await writer_->Finish(stay_, std::move(digest));
}

absl::Status CheckPart(bool first, bool has_header, bool has_chunk,
                       std::size_t chunk_bytes) {
  if (first) {
    return has_header ? absl::OkStatus()
                      : absl::InvalidArgumentError("header: must come first");
  }
  if (!has_chunk) {
    return absl::InvalidArgumentError(
        "chunk: must be set in all messages but the first");
  }
  if (chunk_bytes > kLargestChunk) {
    return absl::InvalidArgumentError(
        absl::StrCat("chunk: must have at most ", kLargestChunk, " bytes, got ",
                     chunk_bytes));
  }
  return absl::OkStatus();
}

absl::Status NoHeader() {
  return absl::InvalidArgumentError("header: must come first, got nothing");
}

}  // namespace perfrig::targets
