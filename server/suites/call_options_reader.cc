#include "server/suites/call_options_reader.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"
#include "server/suites/limits.h"

namespace perfrig::suites {
namespace {

void ReadCompression(yaml::Map& map, yaml::ProblemLog& log, v1::Call& call) {
  const auto text = map.Text("compression");
  if (!text) return;
  if (*text == "gzip") {
    call.set_compression(v1::GZIP);
    return;
  }
  log.Add(map.FieldOf("compression"),
          absl::StrCat("must be gzip, got \"", *text, "\"",
                       DidYouMean(*text, {"gzip"})));
}

void ReadRetry(const yaml::Node& node, const std::string& field,
               yaml::ProblemLog& log, v1::Retry& retry) {
  yaml::Map map(node, field, log);
  if (auto count = map.Count("attempts", kLeastAttempts, kMostAttempts)) {
    retry.set_attempts(static_cast<std::uint32_t>(*count));
  }
  if (auto time = map.Time("backoff")) *retry.mutable_backoff() = *time;
  if (const auto factor = map.Number("factor")) {
    retry.set_factor(*factor);
    // 0 would read as absent.
    if (*factor == 0) log.Add(map.FieldOf("factor"), "must be 1 to 100, got 0");
  }
  if (auto time = map.Time("longest")) *retry.mutable_longest() = *time;
  if (auto share = map.Share("jitter")) retry.set_jitter(*share);
  for (std::string& status : map.Texts("status")) {
    retry.add_status(std::move(status));
  }
  map.Finish();
}

void ReadMessages(const yaml::Node& node, const std::string& field,
                  yaml::ProblemLog& log, v1::Messages& messages) {
  yaml::Map map(node, field, log);
  if (auto count = map.Count("count", 1, kMostMessages)) {
    messages.set_count(static_cast<std::uint32_t>(*count));
  }
  if (auto time = map.Time("every")) *messages.mutable_every() = *time;
  if (const auto bytes = map.Size("chunk")) {
    if (*bytes >= 1 && *bytes <= kMostChunkBytes) {
      messages.set_chunk_bytes(static_cast<std::uint64_t>(*bytes));
    } else {
      log.Add(map.FieldOf("chunk"), "must be 1 byte to 64MiB");
    }
  }
  map.Finish();
}

}  // namespace

void ReadCallOptions(yaml::Map& map, yaml::ProblemLog& log, v1::Call& call) {
  if (const yaml::Node* retry = map.Find("retry")) {
    ReadRetry(*retry, map.FieldOf("retry"), log, *call.mutable_retry());
  }
  ReadCompression(map, log, call);
  if (const yaml::Node* messages = map.Find("messages")) {
    ReadMessages(*messages, map.FieldOf("messages"), log,
                 *call.mutable_messages());
  }
  if (auto time = map.Time("read_delay")) *call.mutable_read_delay() = *time;
}

}  // namespace perfrig::suites
