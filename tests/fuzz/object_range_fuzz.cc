// Parts of objects: whatever is asked for of an object that came in whatever
// pieces, one gets those bytes, or is told that they are not there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "server/targets/object_transfers.h"

namespace {

using perfrig::target::v1::GetObjectRequest;
using perfrig::target::v1::PutObjectRequest;
using perfrig::targets::ByteBudget;
using perfrig::targets::Download;
using perfrig::targets::Object;
using perfrig::targets::Objects;
using perfrig::targets::Upload;

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

std::shared_ptr<const Object> Put(const std::string& content, std::size_t piece,
                                  ByteBudget& budget, Objects& objects) {
  Upload upload(budget, objects);
  PutObjectRequest message;
  message.mutable_header()->set_key("a");
  Require(upload.Take(message).ok());
  for (std::size_t at = 0; at < content.size(); at += piece) {
    message.set_chunk(content.substr(at, piece));
    Require(upload.Take(message).ok());
  }
  Require(upload.Complete().ok());
  Require(upload.Keep().size_bytes() == content.size());
  return *objects.Get("a");
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
  ByteBudget budget(std::uint64_t{1} << 30);
  {
    Objects objects;
    const auto object =
        Put(content, std::max<std::size_t>(wish.piece, 100), budget, objects);
    GetObjectRequest request;
    request.set_offset(wish.offset);
    request.set_length(wish.length);
    auto download = Download::Of(request, object);
    Require(download.ok() == (wish.offset <= content.size()));
    if (!download.ok()) {
      Require(download.status().code() == absl::StatusCode::kOutOfRange);
      return 0;
    }
    std::string got;
    for (std::string chunk = download->NextChunk(); !chunk.empty();
         chunk = download->NextChunk()) {
      got += chunk;
    }
    Require(got ==
            content.substr(wish.offset,
                           wish.length == 0 ? std::string::npos : wish.length));
  }
  return 0;
}
