#include "server/runs/suite_workload.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "google/protobuf/util/time_util.h"
#include "server/suites/groups.h"
#include "server/suites/random_data.h"

namespace perfrig::runs {
namespace {

using google::protobuf::util::TimeUtil;

constexpr char kLocalPrefix[] = "local:";
constexpr int kUnavailable = 14;

// The call with the defaults of its suite filled in.
v1::Call WithDefaults(const v1::Call& call, const v1::Defaults& defaults) {
  v1::Call whole = call;
  if (!whole.has_deadline() && defaults.has_deadline()) {
    *whole.mutable_deadline() = defaults.deadline();
  }
  for (const v1::Metadata& entry : defaults.metadata()) {
    bool own = false;
    for (const v1::Metadata& mine : call.metadata()) {
      own = own || mine.name() == entry.name();
    }
    if (!own) *whole.add_metadata() = entry;
  }
  return whole;
}

// As checked.
load::RetryPolicy PolicyOf(const v1::Retry& retry) {
  load::RetryPolicy policy;
  policy.attempts = retry.attempts();
  if (retry.has_backoff()) {
    policy.backoff = TimeUtil::DurationToNanoseconds(retry.backoff());
  }
  if (retry.factor() > 0) policy.factor = retry.factor();
  if (retry.has_longest()) {
    policy.longest = TimeUtil::DurationToNanoseconds(retry.longest());
  }
  if (retry.has_jitter()) policy.jitter = retry.jitter();
  for (const std::string& status : retry.status()) {
    policy.statuses |= 1U << StatusCode(status).value_or(0);
  }
  if (policy.statuses == 0) policy.statuses = 1U << kUnavailable;
  return policy;
}

class SuiteWorkload final : public load::Workload {
 public:
  // `calls`, of all groups, and `order` outlive this.
  SuiteWorkload(const std::vector<CompiledCall>& calls, const CallOrder& order,
                std::size_t metrics, std::size_t captures, std::uint64_t seed)
      : calls_(calls),
        order_(order),
        metrics_(metrics),
        captures_(captures),
        random_(seed) {}

  std::size_t steps() const override { return calls_.size(); }
  std::size_t metrics() const override { return metrics_; }

  std::size_t First() override {
    if (order_.weights.empty()) return order_.begin;
    const double drawn =
        static_cast<double>(suites::NextRandom(random_) >> 11) * 0x1p-53;
    // Rounding must not lead past the last.
    const auto found =
        std::upper_bound(order_.weights.begin(), order_.weights.end() - 1,
                         drawn * order_.weights.back());
    return order_.begin +
           static_cast<std::size_t>(found - order_.weights.begin());
  }

  std::size_t After(std::size_t step) const override {
    const bool last = !order_.weights.empty() || step + 1 == order_.end;
    return last ? steps() : step + 1;
  }

  absl::Status Prepare(load::Iteration& iteration,
                       drivers::Request& request) override {
    const CompiledCall& call = calls_[iteration.step];
    if (iteration.captured.size() != captures_) {
      iteration.captured.resize(captures_);
    }
    // The lane gives each step a request of its own: what is constant stays.
    if (!request.path.empty() && call.program->constant()) {
      return absl::OkStatus();
    }
    return FillRequest(call,
                       {.sequence = iteration.sequence,
                        .random = &random_,
                        .captured = &iteration.captured},
                       request);
  }

  const load::RetryPolicy* Retry(
      const load::Iteration& iteration) const override {
    const auto& retry = calls_[iteration.step].retry;
    return retry ? &*retry : nullptr;
  }

  void Judge(load::Iteration& iteration, const load::Answer& answer,
             load::Judgement& judgement) override {
    const suites::CallProgram& program = *calls_[iteration.step].program;
    trailers_.clear();
    if (program.wants_answer() && answer.trailers != nullptr) {
      for (const auto& [name, value] : *answer.trailers) {
        trailers_.emplace_back(name, value);
      }
    }
    const suites::AnswerView view{
        .status = answer.status,
        .message = answer.message,
        .trailers = &trailers_,
        .latency = answer.times.done - answer.times.planned,
        .service = answer.times.done - answer.times.sent};
    suites::CallVerdict verdict = program.Judge(view, iteration.captured);
    judgement.ok = verdict.ok;
    judgement.good = verdict.good;
    judgement.reason = std::move(verdict.reason);
    for (const auto& [metric, value] : verdict.observed) {
      judgement.observed.push_back({metric, value});
    }
  }

 private:
  const std::vector<CompiledCall>& calls_;
  const CallOrder& order_;
  const std::size_t metrics_;
  const std::size_t captures_;
  std::uint64_t random_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

void AddWeight(const v1::Call& call, std::vector<double>& weights) {
  const double before = weights.empty() ? 0 : weights.back();
  weights.push_back(before + (call.weight() > 0 ? call.weight() : 1));
}

}  // namespace

bool IsLocal(const v1::Call& call) {
  return call.method().rfind(kLocalPrefix, 0) == 0;
}

absl::StatusOr<CompiledCall> CompileCall(
    const v1::Call& call, const v1::Defaults& defaults,
    suites::MethodTypes* types, const std::vector<std::string>& observed,
    const std::vector<std::string>& captured, const suites::Supplied& supplied,
    std::string_view good) {
  const v1::Call whole = WithDefaults(call, defaults);
  CompiledCall compiled;
  const google::protobuf::MethodDescriptor* method = nullptr;
  if (IsLocal(whole)) {
    compiled.path = whole.method().substr(sizeof(kLocalPrefix) - 1);
  } else {
    ASSIGN_OR_RETURN(method, types->Find(whole.method()));
    compiled.path = absl::StrCat("/", whole.method());
    compiled.client_streaming = method->client_streaming();
    compiled.server_streaming = method->server_streaming();
    if (!compiled.client_streaming && whole.data_size() > 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          whole.method(), " takes one message, data has ", whole.data_size()));
    }
    const auto problems = suites::CheckCall(whole, method, captured);
    if (!problems.empty()) {
      std::string text = absl::StrCat(whole.method(), ":");
      for (const FieldProblem& problem : problems) {
        absl::StrAppend(&text, text.ends_with(':') ? " " : "; ", problem.field,
                        " ", problem.message);
      }
      return absl::InvalidArgumentError(text);
    }
  }
  compiled.gzip = whole.compression() == v1::GZIP;
  compiled.message_interval =
      TimeUtil::DurationToNanoseconds(whole.messages().every());
  compiled.read_delay = TimeUtil::DurationToNanoseconds(whole.read_delay());
  if (whole.has_retry()) compiled.retry = PolicyOf(whole.retry());
  if (whole.has_deadline()) {
    compiled.timeout = TimeUtil::DurationToNanoseconds(whole.deadline());
  }
  ASSIGN_OR_RETURN(compiled.program,
                   suites::CallProgram::Compile(whole, method, observed,
                                                captured, supplied, good));
  return compiled;
}

absl::Status FillRequest(const CompiledCall& call,
                         const suites::RenderContext& context,
                         drivers::Request& request) {
  std::vector<std::pair<std::string, std::string>> metadata;
  RETURN_IF_ERROR(call.program->Render(context, request.messages, metadata));
  request.metadata.clear();
  for (auto& [name, value] : metadata) {
    request.metadata.push_back({std::move(name), std::move(value)});
  }
  request.path = call.path;
  request.timeout = call.timeout;
  request.wants_messages = call.program->wants_message();
  request.single_response = !call.server_streaming;
  request.gzip = call.gzip;
  request.message_interval = call.message_interval;
  request.read_delay = call.read_delay;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SuiteWorkloads>> SuiteWorkloads::Compile(
    const v1::Suite& suite, const v1::Test& test, suites::MethodTypes* types,
    const suites::Supplied& supplied) {
  auto workloads = std::unique_ptr<SuiteWorkloads>(new SuiteWorkloads());
  workloads->names_ = NamesOf(test);
  workloads->captured_ = suites::CaptureNames(test);
  for (const suites::GroupView& group : suites::GroupsOf(test)) {
    CallOrder& order = workloads->orders_.emplace_back();
    order.begin = workloads->calls_.size();
    for (const v1::Call& call : *group.calls) {
      ASSIGN_OR_RETURN(
          CompiledCall compiled,
          CompileCall(call, suite.defaults(), types, workloads->names_.observed,
                      workloads->captured_, supplied, test.good()));
      workloads->calls_.push_back(std::move(compiled));
      if (group.mix) AddWeight(call, order.weights);
    }
    order.end = workloads->calls_.size();
  }
  return workloads;
}

std::unique_ptr<load::Workload> SuiteWorkloads::Create(std::size_t group,
                                                       std::uint64_t seed) {
  return std::make_unique<SuiteWorkload>(
      calls_, orders_[group], names_.observed.size(), captured_.size(), seed);
}

}  // namespace perfrig::runs
