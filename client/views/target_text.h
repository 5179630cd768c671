// Mock targets as tables.
#ifndef PERFRIG_CLIENT_VIEWS_TARGET_TEXT_H_
#define PERFRIG_CLIENT_VIEWS_TARGET_TEXT_H_

#include <string>

#include "client/terminal/style.h"
#include "perfrig/v1/target.pb.h"

namespace perfrig {

// One row a target.
[[nodiscard]] std::string RenderTargetList(const v1::ListTargetsResponse& list,
                                           Style style, int columns);

// Behavior, statistics and state of one target.
[[nodiscard]] std::string RenderTarget(const v1::Target& target, Style style);

// One line of `perfrig target watch`: what happened since `before`.
[[nodiscard]] std::string TargetTick(const v1::Target& before,
                                     const v1::Target& now, Style style);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_TARGET_TEXT_H_
