// Templates and variables of requests, with a line "===" between them: any two
// are rendered within their limits or refused.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "server/targets/render.h"
#include "server/targets/template_check.h"

namespace {

using perfrig::kMillisecond;
using perfrig::targets::CheckTemplate;
using perfrig::targets::CheckVariables;
using perfrig::targets::Render;
using perfrig::targets::RenderLimits;

constexpr std::string_view kBetween = "\n===\n";
constexpr RenderLimits kLimits = {.output_bytes = 10'000,
                                  .time = 20 * kMillisecond};

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  // What is no JSON is not worth a line each.
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t end = all.find(kBetween);
  const std::string text(all.substr(0, end));
  google::protobuf::Struct variables;
  if (end != std::string_view::npos) {
    const std::string json(all.substr(end + kBetween.size()));
    const auto read =
        google::protobuf::util::JsonStringToMessage(json, &variables);
    if (!read.ok()) return 0;
  }
  const absl::Status checked = CheckTemplate(text);
  Require(checked.ok() || checked.code() == absl::StatusCode::kInvalidArgument);
  if (!checked.ok() || !CheckVariables(variables).ok()) return 0;

  const perfrig::SystemClock clock;
  const auto rendered = Render(text, variables, kLimits, clock);
  if (!rendered.ok()) {
    Require(rendered.status().code() == absl::StatusCode::kInvalidArgument ||
            rendered.status().code() == absl::StatusCode::kResourceExhausted);
    return 0;
  }
  Require(rendered->size() <= kLimits.output_bytes);
  const auto again = Render(text, variables, kLimits, clock);
  Require(!again.ok() || *again == *rendered);
  // What has no markers comes out as it went in.
  Require(text.find("{{") != std::string::npos || *rendered == text);
  return 0;
}
