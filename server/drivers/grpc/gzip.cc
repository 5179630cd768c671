#include "server/drivers/grpc/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

namespace perfrig::drivers {
namespace {

// The largest window, and gzip's header instead of zlib's.
constexpr int kGzipWindow = 15 + 16;
// Either header.
constexpr int kAnyWindow = 15 + 32;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kStep = std::size_t{64} << 10;

Bytef* Unsigned(const char* bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes));
}

}  // namespace

void Gzip(std::string_view bytes, std::string& packed) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow,
               kMemoryLevel, Z_DEFAULT_STRATEGY);
  packed.resize(deflateBound(&stream, bytes.size()));
  stream.next_in = Unsigned(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = Unsigned(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
}

absl::Status Gunzip(std::string_view packed, std::size_t limit,
                    std::string& bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kAnyWindow) != Z_OK) {
    return absl::InternalError("zlib has no memory");
  }
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> end(&stream,
                                                             &inflateEnd);
  stream.next_in = Unsigned(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  bytes.clear();
  int result = Z_OK;
  while (result == Z_OK) {
    if (bytes.size() > limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat("a compressed message has more than ", limit, " bytes"));
    }
    const std::size_t before = bytes.size();
    bytes.resize(before +
                 std::min(std::max(before, kStep), limit + 1 - before));
    stream.next_out = Unsigned(bytes.data() + before);
    stream.avail_out = static_cast<uInt>(bytes.size() - before);
    result = inflate(&stream, Z_NO_FLUSH);
    bytes.resize(bytes.size() - stream.avail_out);
  }
  if (result != Z_STREAM_END || stream.avail_in > 0) {
    return absl::InternalError("a compressed message is broken");
  }
  if (bytes.size() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a compressed message has more than ", limit, " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace perfrig::drivers
