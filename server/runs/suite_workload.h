// The calls of a test as the load path wants them: compiled programs behind
// load::Workload.
#ifndef PERFRIG_SERVER_RUNS_SUITE_WORKLOAD_H_
#define PERFRIG_SERVER_RUNS_SUITE_WORKLOAD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"
#include "server/load/workload.h"
#include "server/runs/figure_names.h"
#include "server/suites/call_program.h"
#include "server/suites/method_types.h"
#include "server/suites/supplied.h"

namespace perfrig::runs {

// A call with all that its requests need.
struct CompiledCall {
  std::unique_ptr<suites::CallProgram> program;
  // "/pkg.Service/Method", or the name of a local function.
  std::string path;
  Nanos timeout = 20 * kSecond;
  bool client_streaming = false;
  bool server_streaming = false;
  bool gzip = false;
  Nanos message_interval = 0;
  Nanos read_delay = 0;
  std::optional<load::RetryPolicy> retry;
};

// True for "local:name".
bool IsLocal(const v1::Call& call);

// `types` may be null for local calls; `good` is Test.good.
absl::StatusOr<CompiledCall> CompileCall(
    const v1::Call& call, const v1::Defaults& defaults,
    suites::MethodTypes* types, const std::vector<std::string>& observed,
    const std::vector<std::string>& captured, const suites::Supplied& supplied,
    std::string_view good = {});

// Which of a test's calls the iterations of a group make.
struct CallOrder {
  // Numbers of its calls, the last one excluded.
  std::size_t begin = 0;
  std::size_t end = 0;
  // Of a mix, by call: its weight and those before it. Empty: all calls in
  // order.
  std::vector<double> weights;
};

// Makes a workload for each lane.
class SuiteWorkloads final : public load::WorkloadFactory {
 public:
  static absl::StatusOr<std::unique_ptr<SuiteWorkloads>> Compile(
      const v1::Suite& suite, const v1::Test& test, suites::MethodTypes* types,
      const suites::Supplied& supplied);

  std::unique_ptr<load::Workload> Create(std::size_t group,
                                         std::uint64_t seed) override;

  const FigureNames& names() const { return names_; }

 private:
  SuiteWorkloads() = default;

  std::vector<CompiledCall> calls_;
  std::vector<CallOrder> orders_;
  FigureNames names_;
  std::vector<std::string> captured_;
};

// Fills a request with what the call sends in the given context.
absl::Status FillRequest(const CompiledCall& call,
                         const suites::RenderContext& context,
                         drivers::Request& request);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_SUITE_WORKLOAD_H_
