// The calls of a test as the load path wants them: compiled programs behind
// load::Workload.
#ifndef PERFRIG_SERVER_RUNS_SUITE_WORKLOAD_H_
#define PERFRIG_SERVER_RUNS_SUITE_WORKLOAD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/suite.pb.h"
#include "server/load/workload.h"
#include "server/suites/call_program.h"
#include "server/suites/method_types.h"

namespace perfrig::runs {

// A call with all that its requests need.
struct CompiledCall {
  std::unique_ptr<suites::CallProgram> program;
  // "/pkg.Service/Method", or the name of a local function.
  std::string path;
  Nanos timeout = 20 * kSecond;
  bool client_streaming = false;
  bool server_streaming = false;
};

// True for "local:name".
bool IsLocal(const v1::Call& call);

// `types` may be null for local calls.
absl::StatusOr<CompiledCall> CompileCall(
    const v1::Call& call, const v1::Defaults& defaults,
    suites::MethodTypes* types, const std::vector<std::string>& observed,
    const std::vector<std::string>& captured,
    const std::map<std::string, std::string>& variables);

// Makes a workload for each lane.
class SuiteWorkloads final : public load::WorkloadFactory {
 public:
  static absl::StatusOr<std::unique_ptr<SuiteWorkloads>> Compile(
      const v1::Suite& suite, const v1::Test& test, suites::MethodTypes* types,
      const std::map<std::string, std::string>& variables);

  std::unique_ptr<load::Workload> Create(std::uint32_t lane) override;

  // Names of the observed metrics and of the steps, by number.
  const std::vector<std::string>& observed() const { return observed_; }
  const std::vector<std::string>& steps() const { return steps_; }

 private:
  SuiteWorkloads() = default;

  std::vector<CompiledCall> calls_;
  std::vector<std::string> observed_;
  std::vector<std::string> captured_;
  std::vector<std::string> steps_;
  std::uint64_t seed_ = 1;
};

// Fills a request with what the call sends in the given context.
absl::Status FillRequest(const CompiledCall& call,
                         const suites::RenderContext& context,
                         drivers::Request& request);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_SUITE_WORKLOAD_H_
