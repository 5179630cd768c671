// A call of a suite, compiled: makes request bytes from data templates and
// judges answers. Compiled once; a lane asks it for every call.
#ifndef PERFRIG_SERVER_SUITES_CALL_PROGRAM_H_
#define PERFRIG_SERVER_SUITES_CALL_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/strings/field_problem.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/local_functions.h"
#include "server/suites/method_types.h"
#include "server/suites/supplied.h"

namespace perfrig::suites {

// What the templates of one call draw from.
struct RenderContext {
  std::uint64_t sequence = 0;
  // State of the lane's random numbers; advanced by rendering.
  std::uint64_t* random = nullptr;
  // Values captured in this iteration, by number (see capture_names).
  const std::vector<std::string>* captured = nullptr;
};

// An answer, in plain types. Times in nanoseconds.
struct AnswerView {
  int status = 0;
  // Last response message, encoded.
  std::string_view message;
  // Name and raw value.
  const std::vector<std::pair<std::string, std::string>>* trailers = nullptr;
  std::int64_t latency = 0;
  std::int64_t service = 0;
};

struct CallVerdict {
  bool ok = false;
  // Ok, and the test's condition for that holds.
  bool good = false;
  // Why not, where the status alone does not say it.
  std::string reason;
  // Number of the metric (index into observe_names of the test) and value.
  std::vector<std::pair<std::size_t, double>> observed;
};

class CallProgram {
 public:
  // `method` is null for `local:` calls, whose data are passed as JSON text;
  // else it outlives the program.
  // `observe_names` and `capture_names` are those of the whole test, in order;
  // what is supplied is known for good; `good` is Test.good. INVALID_ARGUMENT
  // naming the field where data do not fit the method's type.
  static absl::StatusOr<std::unique_ptr<CallProgram>> Compile(
      const v1::Call& call, const google::protobuf::MethodDescriptor* method,
      const std::vector<std::string>& observe_names,
      const std::vector<std::string>& capture_names, const Supplied& supplied,
      std::string_view good = {});

  virtual ~CallProgram() = default;

  // True if every call sends the same bytes: render once and keep.
  virtual bool constant() const = 0;
  // True if judging needs the last response message.
  virtual bool wants_message() const = 0;
  // True if judging needs anything but the status.
  virtual bool wants_answer() const = 0;
  // Encoded messages; metadata with raw values for "-bin" names. What is in
  // the arguments is replaced. Safe from several threads at once.
  virtual absl::Status Render(
      const RenderContext& context, std::vector<std::string>& messages,
      std::vector<std::pair<std::string, std::string>>& metadata) const = 0;
  // Judges an answer and captures from it. Conditions on the response are
  // judged where the status is OK; nothing is observed where the status is
  // wrong; what is not there is captured as "". Safe from several threads at
  // once.
  virtual CallVerdict Judge(const AnswerView& answer,
                            std::vector<std::string>& captured) const = 0;
};

// Everything that is wrong with a call's data, metadata values, check,
// observe and capture, with the nearest right names; fields are those of the
// Call message: "data[0].rows[2].key", "metadata.name", "check.status[0]",
// "check.conditions[1]", "observe.cache_hit", "capture.token". Data may name
// the captured values `capture_names`, and what is `supplied` (null: anything),
// of which no problem shows a value. Without a method only templates and
// syntax are checked, and by `check_data` (null: not at all) the data of a
// local call, where all that they hold is known.
std::vector<FieldProblem> CheckCall(
    const v1::Call& call, const google::protobuf::MethodDescriptor* method,
    const std::vector<std::string>& capture_names,
    const Supplied* supplied = nullptr, const CheckData* check_data = nullptr);

// Names of what the calls of a test observe and capture, without repetition,
// in the order of the calls; what is captured before a round comes first.
std::vector<std::string> ObserveNames(const v1::Test& test);
std::vector<std::string> CaptureNames(const v1::Test& test);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CALL_PROGRAM_H_
