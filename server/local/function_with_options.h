// A local function whose data are options, which are read before anything is
// made of them, or only looked at.
//
//   struct Settings { std::size_t keys; };
//   Settings Read(Options& options) {
//     return {.keys = options.Count("keys", {.min = 1, .max = 10}, 4)};
//   }
//   return FunctionWithOptions<Settings>(
//       Read, [](const Settings& settings, std::string_view data,
//                LocalScope& scope) -> MadeCall {…});
#ifndef PERFRIG_SERVER_LOCAL_FUNCTION_WITH_OPTIONS_H_
#define PERFRIG_SERVER_LOCAL_FUNCTION_WITH_OPTIONS_H_

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/status/macros.h"
#include "common/strings/field_problem.h"
#include "server/drivers/local/local_function.h"
#include "server/local/options.h"

namespace perfrig::local {

using MadeCall = absl::StatusOr<std::unique_ptr<drivers::LocalCall>>;

// Of functions that take no data.
struct NoSettings {};
inline NoSettings ReadNothing(Options& /*options*/) { return {}; }

// `read` asks for every option there is, is quick, and refuses values that do
// not go together; both are thread-safe.
template <class Settings>
drivers::LocalFunction FunctionWithOptions(
    Settings (*read)(Options&),
    std::function<MadeCall(const Settings&, std::string_view,
                           drivers::LocalScope&)>
        make) {
  return {.make = [read, make = std::move(make)](
                      std::string_view data,
                      drivers::LocalScope& scope) -> MadeCall {
            Options options(data);
            const Settings settings = read(options);
            RETURN_IF_ERROR(options.Finish());
            return make(settings, data, scope);
          },
          .check = [read](std::string_view data) -> std::vector<FieldProblem> {
            Options options(data);
            read(options);
            return options.Problems();
          }};
}

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_FUNCTION_WITH_OPTIONS_H_
