// Reads bytes as gRPC's framing, cut in pieces of every size, and decodes what
// else comes in headers. However it is cut, the messages are the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "server/drivers/grpc/encoding.h"
#include "server/drivers/grpc/framing.h"
#include "server/drivers/grpc/gzip.h"
#include "server/drivers/grpc/status_mapping.h"

namespace {

using perfrig::drivers::MessageReader;

constexpr std::size_t kLimit = 1 << 16;

struct Found {
  std::vector<std::string> messages;
  MessageReader::Result last = MessageReader::Result::kNeedsMore;

  bool operator==(const Found&) const = default;
};

Found ReadInPieces(std::string_view bytes, std::size_t piece) {
  MessageReader reader;
  reader.Reset(true, kLimit);
  Found found;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    do {
      found.last = reader.Read(part);
      if (found.last == MessageReader::Result::kMessage) {
        found.messages.emplace_back(reader.message());
      } else if (found.last != MessageReader::Result::kNeedsMore) {
        return found;
      }
    } while (found.last == MessageReader::Result::kMessage);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1),
                               size - 1);

  if (ReadInPieces(bytes, piece) != ReadInPieces(bytes, size)) std::abort();
  std::string text;
  perfrig::drivers::PercentDecode(bytes, text);
  if (text.size() > bytes.size()) std::abort();
  if (perfrig::drivers::DecodeBinary(perfrig::drivers::EncodeBinary(bytes),
                                     text) &&
      text != bytes) {
    std::abort();
  }
  perfrig::drivers::DecodeBinary(bytes, text);
  if (perfrig::drivers::Gunzip(bytes, kLimit, text).ok() &&
      text.size() > kLimit) {
    std::abort();
  }
  if (perfrig::drivers::StatusOfText(bytes) > 16) std::abort();
  return 0;
}
