#include "server/drivers/local/local_trailers.h"

#include <array>
#include <charconv>

namespace perfrig::drivers {

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

const std::vector<Header>& LocalTrailers::headers() {
  headers_.resize(count_);
  return headers_;
}

}  // namespace perfrig::drivers
