// Parts of objects: whatever is asked for of an object that came in whatever
// pieces, one gets those bytes, or is told that they are not there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/backends/s3_messages.h"
#include "server/targets/memory_bucket.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace {

using perfrig::targets::ByteBudget;
using perfrig::targets::MemoryBucket;
using perfrig::targets::Scope;
using perfrig::targets::Station;
using perfrig::targets::Stay;
using perfrig::targets::Task;

// More than one of the blocks that content is kept in.
constexpr std::uint32_t kLargest = 200'000;

void Require(bool holds) {
  if (!holds) std::abort();
}

// What the bytes ask for; fixed sizes, so that each has its place.
struct Wish {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::uint32_t size = 0;
  std::uint16_t piece = 0;
};

// Of a task that waits for nothing.
template <class T>
T ResultOf(Task<T> task) {
  std::optional<T> result;
  Launch(std::move(task), [&](T value) { result = std::move(value); });
  Require(result.has_value());
  return *std::move(result);
}

void Put(MemoryBucket& bucket, Stay& stay, std::string_view content,
         std::size_t piece) {
  auto writer = bucket.Create("a", "");
  Require(writer.ok());
  for (std::size_t at = 0; at < content.size(); at += piece) {
    Require(ResultOf((*writer)->Write(stay, content.substr(at, piece))).ok());
  }
  const auto info = ResultOf((*writer)->Finish(stay, "digest"));
  Require(info.ok() && info->size_bytes() == content.size());
}

// What a real store is asked for is what was asked for here.
void RequireTheSameRange(const Wish& wish) {
  const std::string header =
      perfrig::backends::RangeHeader(wish.offset, wish.length);
  if (wish.offset == 0 && wish.length == 0) return Require(header.empty());
  std::uint64_t first = 0;
  std::uint64_t last = INT64_MAX;
  const int read =
      std::sscanf(header.c_str(), "Range: bytes=%lu-%lu", &first, &last);
  Require(read == (header.ends_with("-") ? 1 : 2));
  Require(first == std::min<std::uint64_t>(wish.offset, INT64_MAX));
  Require(last >= first && last <= INT64_MAX);
  // As many bytes, as far as any object goes.
  const std::uint64_t bytes = last - first + 1;
  Require(read == 2 ? bytes == wish.length
                    : wish.length == 0 || wish.length > bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  Wish wish;
  const auto take = [&](auto& value) {
    const std::size_t bytes = std::min(size, sizeof(value));
    std::memcpy(&value, data, bytes);
    data += bytes;
    size -= bytes;
  };
  take(wish.offset);
  take(wish.length);
  take(wish.size);
  take(wish.piece);

  std::string content(wish.size % kLargest, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<char>(i * 2'654'435'761U >> 13);
  }
  perfrig::FakeClock clock;
  perfrig::FakeDelayQueue delays(clock);
  Station station(clock, delays, {});
  Scope scope;
  Stay stay(scope, station);
  ByteBudget budget(std::uint64_t{1} << 30);
  MemoryBucket bucket(budget);
  Put(bucket, stay, content, std::max<std::size_t>(wish.piece, 100));
  perfrig::target::v1::GetObjectRequest request;
  request.set_key("a");
  request.set_offset(wish.offset);
  request.set_length(wish.length);

  const auto reader = ResultOf(bucket.Open(stay, request));

  RequireTheSameRange(wish);
  const bool is_part = wish.offset > 0 || wish.length > 0;
  Require(reader.ok() == (!is_part || wish.offset < content.size()));
  if (!reader.ok()) {
    Require(reader.status().code() == absl::StatusCode::kOutOfRange);
    return 0;
  }
  std::string got;
  while (true) {
    const auto chunk = ResultOf((*reader)->Read(stay));
    Require(chunk.ok());
    if (chunk->empty()) break;
    got += *chunk;
  }
  Require(got ==
          content.substr(wish.offset,
                         wish.length == 0 ? std::string::npos : wish.length));
  return 0;
}
