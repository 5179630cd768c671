#include "server/drivers/grpc/encoding.h"

#include <charconv>
#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace perfrig::drivers {
namespace {

constexpr std::int64_t kMostDigits = 99'999'999;

std::int64_t CeilDivide(std::int64_t value, std::int64_t by) {
  return value / by + (value % by != 0 ? 1 : 0);
}

std::string WithUnit(std::int64_t count, char unit) {
  char text[16];
  char* end = std::to_chars(text, text + sizeof(text), count).ptr;
  *end++ = unit;
  return {text, end};
}

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string EncodeTimeout(Nanos timeout) {
  if (timeout < kMillisecond) {
    return WithUnit(CeilDivide(timeout, kMicrosecond), 'u');
  }
  if (timeout < 10 * kMillisecond) {
    return WithUnit(CeilDivide(timeout, 100 * kMicrosecond) * 100, 'u');
  }
  if (const auto count = CeilDivide(timeout, kMillisecond);
      count <= kMostDigits) {
    return WithUnit(count, 'm');
  }
  if (const auto count = CeilDivide(timeout, kSecond); count <= kMostDigits) {
    return WithUnit(count, 'S');
  }
  // 292 years, the most that Nanos can say, are 153,722,868 minutes.
  return WithUnit(CeilDivide(timeout, 3600 * kSecond), 'H');
}

void PercentDecode(std::string_view encoded, std::string& text) {
  text.clear();
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%' && i + 2 < encoded.size()) {
      const int high = HexDigit(encoded[i + 1]);
      const int low = HexDigit(encoded[i + 2]);
      if (high >= 0 && low >= 0) {
        text.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    text.push_back(encoded[i]);
  }
}

std::string EncodeBinary(std::string_view bytes) {
  std::string encoded =
      absl::Base64Escape(absl::string_view(bytes.data(), bytes.size()));
  while (encoded.ends_with('=')) encoded.pop_back();
  return encoded;
}

bool DecodeBinary(std::string_view encoded, std::string& bytes) {
  return absl::Base64Unescape(absl::string_view(encoded.data(), encoded.size()),
                              &bytes);
}

}  // namespace perfrig::drivers
