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

}  // namespace

std::string CallOptionsText(const v1::Call& call, Style style) {
  std::vector<std::string> parts;
  if (call.has_retry()) parts.push_back(RetryText(call.retry(), style));
  if (call.compression() == v1::GZIP) parts.emplace_back("gzip");
  return absl::StrJoin(parts, "; ");
}

}  // namespace perfrig
