// Fills in templates (proto/perfrig/target/v1/template.proto says what they
// look like), within bounds whatever they and their variables are.
#ifndef PERFRIG_SERVER_TARGETS_RENDER_H_
#define PERFRIG_SERVER_TARGETS_RENDER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"

namespace perfrig::targets {

struct RenderLimits {
  std::size_t output_bytes = 1'000'000;
  Nanos time = 100 * kMillisecond;
};

// Both have passed the checks of template_check.h. RESOURCE_EXHAUSTED beyond a
// limit; INVALID_ARGUMENT where the HTML around a variable leaves open how it
// would have to be escaped.
absl::StatusOr<std::string> Render(const std::string& text,
                                   const google::protobuf::Struct& variables,
                                   const RenderLimits& limits,
                                   const Clock& clock);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_RENDER_H_
