// Whether bytes are text, as protobuf's strings and JSON must be.
#ifndef PERFRIG_COMMON_STRINGS_UTF8_H_
#define PERFRIG_COMMON_STRINGS_UTF8_H_

#include <string_view>

namespace perfrig {

// Well-formed UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_UTF8_H_
