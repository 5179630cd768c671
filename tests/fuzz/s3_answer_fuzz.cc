// Answers of an S3 endpoint: a line with the status, headers, an empty line, a
// body. Whatever comes, it is read or refused, and what is read can be sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/backends/s3_messages.h"
#include "server/backends/xml_leaves.h"

namespace {

using perfrig::backends::InfoOf;
using perfrig::backends::ReadList;
using perfrig::backends::ReadXmlLeaves;
using perfrig::backends::S3Answer;
using perfrig::backends::StatusOf;
using perfrig::backends::XmlEscape;
using perfrig::target::v1::ListObjectsResponse;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

S3Answer Read(std::string_view text) {
  S3Answer answer;
  // 0 where it is no number.
  if (!absl::SimpleAtoi(std::string(TakeLine(text)), &answer.head.status)) {
    answer.head.status = 0;
  }
  for (std::string_view line = TakeLine(text); !line.empty();
       line = TakeLine(text)) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    answer.head
        .headers[absl::AsciiStrToLower(std::string(line.substr(0, colon)))] =
        line.substr(colon + 2);
  }
  answer.body = text;
  return answer;
}

// XML keeps it as it is.
bool IsPlain(std::string_view text) {
  return text.find('\r') == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const S3Answer answer = Read(text);

  const absl::Status status = StatusOf(answer);
  Require(!status.ok() ||
          (answer.head.status >= 200 && answer.head.status < 300));
  InfoOf("key", answer.head);
  const auto list = ReadList(answer.body);
  if (list.ok()) {
    ListObjectsResponse copy;
    Require(copy.ParseFromString(list->SerializeAsString()));
    Require(copy.objects_size() == list->objects_size());
  }
  const auto leaves =
      ReadXmlLeaves(absl::StrCat("<a>", XmlEscape(answer.body), "</a>"));
  if (leaves.ok() && IsPlain(answer.body)) {
    Require(leaves->size() == 1 && leaves->front().second == answer.body);
  }
  return 0;
}
