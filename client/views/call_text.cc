#include "client/views/call_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/views/times.h"

namespace perfrig {
namespace {

std::string RetryText(const v1::Retry& retry, Style style) {
  std::string text = absl::StrCat("up to ", retry.attempts(), " attempts");
  if (!retry.status().empty()) {
    absl::StrAppend(&text, " on ", absl::StrJoin(retry.status(), ", "));
  }
  if (retry.has_backoff()) {
    absl::StrAppend(&text, ", the second after ",
                    FormatDuration(ToDuration(retry.backoff()), style));
  }
  return text;
}

std::string MessagesText(const v1::Messages& messages, Style style) {
  std::vector<std::string> parts;
  if (messages.count() > 1) {
    parts.push_back(
        absl::StrCat("data ", FormatCount(messages.count()), " times"));
  }
  if (messages.has_every()) {
    parts.push_back(
        absl::StrCat("a message every ",
                     FormatDuration(ToDuration(messages.every()), style)));
  }
  if (messages.chunk_bytes() > 0) {
    parts.push_back(absl::StrCat("chunks of ", FormatBytes(static_cast<double>(
                                                   messages.chunk_bytes()))));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace

std::string CallOptionsText(const v1::Call& call, Style style) {
  std::vector<std::string> parts;
  if (call.has_retry()) parts.push_back(RetryText(call.retry(), style));
  if (call.compression() == v1::GZIP) parts.emplace_back("gzip");
  if (call.has_messages()) {
    parts.push_back(MessagesText(call.messages(), style));
  }
  if (call.has_read_delay()) {
    parts.push_back(
        absl::StrCat("reads a message in ",
                     FormatDuration(ToDuration(call.read_delay()), style)));
  }
  return absl::StrJoin(parts, "; ");
}

}  // namespace perfrig
