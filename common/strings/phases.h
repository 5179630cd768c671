// Where a call's time went, as mock targets tell it in a trailer:
// "queue=1200,work=20000000", in nanoseconds.
#ifndef PERFRIG_COMMON_STRINGS_PHASES_H_
#define PERFRIG_COMMON_STRINGS_PHASES_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/time/clock.h"

namespace perfrig {

// Of the trailer.
inline constexpr std::string_view kPhasesTrailer = "perfrig-phases";

// By name; whatever does not look like that is left out.
[[nodiscard]] std::map<std::string, Nanos> ParsePhases(std::string_view text);

// The last of that name, as ParsePhases would have it; allocates nothing.
[[nodiscard]] std::optional<Nanos> FindPhase(std::string_view text,
                                             std::string_view name);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_PHASES_H_
