#include "server/suites/message_chunks.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace perfrig::suites {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// A field within an encoded message.
struct Place {
  std::size_t begin = 0;  // of its tag
  std::size_t value = 0;
  std::size_t end = 0;
};

// The whole of it where the message has no such field.
Place FindField(int field, std::string_view message) {
  const std::uint32_t wanted =
      WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  CodedInputStream input(reinterpret_cast<const std::uint8_t*>(message.data()),
                         static_cast<int>(message.size()));
  while (true) {
    const auto begin = static_cast<std::size_t>(input.CurrentPosition());
    const std::uint32_t tag = input.ReadTag();
    if (tag == 0) return {};
    if (tag != wanted) {
      if (!WireFormatLite::SkipField(&input, tag)) return {};
      continue;
    }
    std::uint32_t length = 0;
    if (!input.ReadVarint32(&length)) return {};
    const auto value = static_cast<std::size_t>(input.CurrentPosition());
    return {begin, value, value + length};
  }
}

void AppendVarint(std::uint32_t value, std::string& out) {
  std::uint8_t bytes[10];
  const std::uint8_t* end =
      CodedOutputStream::WriteVarint32ToArray(value, bytes);
  out.append(reinterpret_cast<const char*>(bytes),
             static_cast<std::size_t>(end - bytes));
}

}  // namespace

const FieldDescriptor* BytesFieldOf(
    const google::protobuf::Descriptor& message) {
  const FieldDescriptor* found = nullptr;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field->type() != FieldDescriptor::TYPE_BYTES) continue;
    if (found != nullptr || field->is_repeated()) return nullptr;
    found = field;
  }
  return found;
}

std::size_t CutIntoChunks(int field, std::size_t most, std::size_t at,
                          std::vector<std::string>& messages) {
  const Place place = FindField(field, messages[at]);
  if (place.end - place.value <= most) return 1;
  const std::string whole = std::move(messages[at]);
  const std::string_view bytes(whole);
  std::string_view rest = bytes.substr(place.value, place.end - place.value);
  std::size_t count = 0;
  for (; !rest.empty(); ++count) {
    if (at + count == messages.size()) messages.emplace_back();
    std::string& message = messages[at + count];
    const std::string_view chunk = rest.substr(0, most);
    rest.remove_prefix(chunk.size());
    message.assign(bytes.substr(0, place.begin));
    AppendVarint(WireFormatLite::MakeTag(
                     field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED),
                 message);
    AppendVarint(static_cast<std::uint32_t>(chunk.size()), message);
    message.append(chunk);
    message.append(bytes.substr(place.end));
  }
  return count;
}

}  // namespace perfrig::suites
