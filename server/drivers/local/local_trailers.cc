#include "server/drivers/local/local_trailers.h"

#include <array>
#include <charconv>

namespace perfrig::drivers {
namespace {

// As mock targets have it.
constexpr std::string_view kPhasesTrailer = "perfrig-phases";

}  // namespace

void LocalTrailers::Clear() {
  count_ = 0;
  phases_.clear();
}

void LocalTrailers::Add(std::string_view name, double value) {
  // Enough for any number in its shortest form.
  std::array<char, 32> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  if (count_ == headers_.size()) headers_.emplace_back();
  Header& header = headers_[count_++];
  header.name.assign(name);
  header.value.assign(text.data(), end);
}

void LocalTrailers::AddPhase(std::string_view name, Nanos time) {
  std::array<char, 24> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), time).ptr;
  if (!phases_.empty()) phases_ += ',';
  phases_.append(name).append("=").append(text.data(), end);
}

const std::vector<Header>& LocalTrailers::headers() {
  headers_.resize(count_);
  if (!phases_.empty()) {
    headers_.push_back({std::string(kPhasesTrailer), phases_});
  }
  return headers_;
}

}  // namespace perfrig::drivers
