#include "server/suites/random_data.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace perfrig::suites {
namespace {

// 64 characters that no JSON string has to escape.
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .";

}  // namespace

std::uint64_t NextRandom(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t bits = state;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBULL;
  return bits ^ (bits >> 31);
}

void AppendBytes(std::size_t size, std::uint64_t& random, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + size);
  for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
    const std::uint64_t bits = NextRandom(random);
    std::memcpy(out.data() + start + at, &bits,
                std::min(sizeof(bits), size - at));
  }
}

void AppendText(std::size_t size, std::uint64_t& random, std::string& out) {
  constexpr int kInOne = 10;
  const std::size_t end = out.size() + size;
  out.reserve(end);
  while (out.size() < end) {
    std::uint64_t bits = NextRandom(random);
    for (int i = 0; i < kInOne && out.size() < end; ++i, bits >>= 6) {
      out.push_back(kLetters[bits & 63]);
    }
  }
}

void AppendUuid(std::uint64_t& random, std::string& out) {
  // Version 4, variant 1.
  const std::uint64_t high = (NextRandom(random) & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (NextRandom(random) & ~(3ULL << 62)) | (2ULL << 62);
  absl::StrAppend(&out, absl::Hex(high >> 32, absl::kZeroPad8), "-",
                  absl::Hex((high >> 16) & 0xFFFF, absl::kZeroPad4), "-",
                  absl::Hex(high & 0xFFFF, absl::kZeroPad4), "-",
                  absl::Hex(low >> 48, absl::kZeroPad4), "-",
                  absl::Hex(low & 0xFFFFFFFFFFFFULL, absl::kZeroPad12));
}

}  // namespace perfrig::suites
