#include "server/targets/blob.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace perfrig::targets {
namespace {

constexpr std::size_t kBlockBytes = 64U << 10;

}  // namespace

bool ByteBudget::Take(std::uint64_t bytes) {
  std::uint64_t used = used_;
  do {
    if (bytes > limit_ || used > limit_ - bytes) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return true;
}

absl::Status Full(const ByteBudget& budget) {
  return absl::ResourceExhaustedError(
      absl::StrCat("content: the store holds at most ", budget.limit(),
                   " bytes, of which ", budget.used(), " are taken"));
}

bool Blob::TakeOverhead(std::uint64_t bytes) {
  if (!budget_.Take(bytes)) return false;
  taken_ += bytes;
  return true;
}

bool Blob::Append(std::string_view bytes) {
  if (!TakeOverhead(bytes.size())) return false;
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (blocks_.empty() || blocks_.back().size() == kBlockBytes) {
      blocks_.emplace_back();
    }
    std::string& block = blocks_.back();
    const std::size_t part = std::min(bytes.size(), kBlockBytes - block.size());
    block.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
  }
  return true;
}

std::string Blob::Read(std::uint64_t offset, std::uint64_t length) const {
  if (offset >= size_) return {};
  length = std::min(length, size_ - offset);
  std::string bytes;
  bytes.reserve(length);
  while (length > 0) {
    const std::string& block = blocks_[offset / kBlockBytes];
    const std::size_t from = offset % kBlockBytes;
    const std::size_t part =
        std::min<std::uint64_t>(length, block.size() - from);
    bytes.append(block, from, part);
    offset += part;
    length -= part;
  }
  return bytes;
}

}  // namespace perfrig::targets
