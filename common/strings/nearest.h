// The name that someone probably meant.
//
//   Nearest("latncy", {"latency", "lag"});  // "latency"
#ifndef PERFRIG_COMMON_STRINGS_NEAREST_H_
#define PERFRIG_COMMON_STRINGS_NEAREST_H_

#include <string>
#include <string_view>
#include <vector>

#include "common/strings/glob.h"

namespace perfrig {

// The candidate that differs from `name` in the fewest letters, the first of
// several; "" if none is near: more than a third of its letters differ. Letters
// that changed places count once, upper and lower case are the same.
[[nodiscard]] std::string Nearest(std::string_view name,
                                  const std::vector<std::string>& candidates);

// " (did you mean latency?)", to put at the end of an error, or "" if none is
// near.
[[nodiscard]] std::string DidYouMean(
    std::string_view name, const std::vector<std::string>& candidates);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_NEAREST_H_
