// What suites cost: reading one of 1,000 tests, and what a lane does for each
// call beside sending it: filling data from templates, observing and judging
// answers.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "perfrig/target/v1/database.pb.h"
#include "perfrig/target/v1/echo.pb.h"
#include "server/runs/suite_workload.h"
#include "server/suites/method_types.h"
#include "server/suites/reader.h"
#include "server/suites/supplied.h"

namespace perfrig {
namespace {

constexpr int kTests = 1'000;

// Methods of targets are known by name once something of them is named.
void LinkTargets() {
  benchmark::DoNotOptimize(target::v1::EchoRequest::descriptor());
  benchmark::DoNotOptimize(target::v1::QueryRequest::descriptor());
}

// Tests as people write them: a title, data, a check, two thresholds.
std::string SuiteOfManyTests() {
  std::string text = "suite: many\ndefaults: {deadline: 5s}\ntests:\n";
  for (int i = 0; i < kTests; ++i) {
    absl::StrAppend(&text, "  test_", i, R"(:
    doc: Reads one row of a table, as the page of orders does.
    tags: [quick, latency]
    call: perfrig.target.v1.Database/Query
    data: {table: orders, key: "order-{{random 1 100000}}", limit: 10}
    metadata: {x-request-id: "{{uuid}}"}
    check:
      status: OK
      conditions: [response.rows.size >= 1]
    observe: {rows: response.rows.size}
    load: {rate: 200, duration: 10s}
    warmup: 1s
    expect:
      - latency.p95 < 100ms
      - rows.avg >= 1
)");
  }
  return text;
}

void ReadManyTests(benchmark::State& state) {
  LinkTargets();
  v1::SuiteSource source;
  source.set_text(SuiteOfManyTests());
  while (state.KeepRunning()) {
    const suites::ReadResult read = suites::ReadSuite(source);
    if (!read.problems.empty()) {
      state.SkipWithError(suites::ToText(read.problems).c_str());
    }
  }
  state.SetLabel("1,000 tests, budget: 100 ms");
}
BENCHMARK(ReadManyTests)->Unit(benchmark::kMillisecond);

// A call of Echo with these lines, as a lane knows it. Null where they are
// wrong, which `state` then says.
struct OneCall {
  OneCall(benchmark::State& state, std::string_view lines) {
    LinkTargets();
    v1::SuiteSource source;
    source.set_text(absl::StrCat(
        "suite: one\ntests:\n  one:\n    call: "
        "perfrig.target.v1.Echo/Call\n    ",
        std::string(lines), "\n    load: {users: 1, iterations: 1}\n"));
    (*source.mutable_files())["users.csv"] = "id,name\n1,Ada\n2,Bob\n3,Cem\n";
    (*source.mutable_variables())["KEY"] = "a secret of some length";
    const suites::ReadResult read = suites::ReadSuite(source);
    if (!read.problems.empty()) {
      state.SkipWithError(suites::ToText(read.problems).c_str());
      return;
    }
    auto compiled =
        runs::SuiteWorkloads::Compile(*read.suite, read.suite->tests(0), &types,
                                      suites::SuppliedWith(source));
    if (!compiled.ok()) {
      state.SkipWithError(compiled.status().ToString().c_str());
      return;
    }
    workloads = *std::move(compiled);
    workload = workloads->Create(0, 0);
  }

  suites::BuiltInMethodTypes types;
  std::unique_ptr<runs::SuiteWorkloads> workloads;
  std::unique_ptr<load::Workload> workload;
};

// Making the request of a call.
void Prepare(benchmark::State& state, std::string_view lines) {
  const OneCall call(state, lines);
  if (call.workload == nullptr) return;
  load::Iteration iteration;
  drivers::Request request;
  while (state.KeepRunning()) {
    ++iteration.sequence;
    const absl::Status status = call.workload->Prepare(iteration, request);
    if (!status.ok()) state.SkipWithError(status.ToString().c_str());
    benchmark::DoNotOptimize(request.messages.data());
  }
}

#define BENCHMARK_DATA(name, value) \
  BENCHMARK_CAPTURE(Prepare, name, "data: {text: \"" value "\"}")

BENCHMARK_DATA(none, "hello");
BENCHMARK_DATA(seq, "{{seq}}");
BENCHMARK_DATA(uuid, "{{uuid}}");
BENCHMARK_DATA(random, "{{random 1 100000}}");
BENCHMARK_DATA(zipf, "{{zipf 100000 0.99}}");
BENCHMARK_DATA(text, "{{text 100B}}");
BENCHMARK_DATA(csv, "{{csv users.csv name}}");
BENCHMARK_DATA(env, "{{env KEY}}");
BENCHMARK_CAPTURE(Prepare, bytes, "data: {payload: \"{{bytes 10KB}}\"}");
BENCHMARK_CAPTURE(Prepare, file, "data: {payload: \"{{file 10KB pdf}}\"}");
BENCHMARK_CAPTURE(Prepare, jwt,
                  "metadata: {authorization: \"{{jwt HS256 key=KEY}}\"}");
BENCHMARK_CAPTURE(Prepare, metadata, "metadata: {x-id: \"{{uuid}}\"}");

// Looking at the answer of a call: 100 bytes of text, three trailers.
void Judge(benchmark::State& state, std::string_view lines) {
  const OneCall call(state, lines);
  if (call.workload == nullptr) return;
  target::v1::EchoResponse response;
  response.set_text(std::string(100, 't'));
  response.set_index(3);
  const std::string message = response.SerializeAsString();
  const std::vector<drivers::Header> trailers = {
      {"perfrig-phases", "queue=1200,work=20000"},
      {"perfrig-lateness", "1200"},
      {"cost", "12"}};
  load::Answer answer;
  answer.times = {
      .planned = 0, .sent = 10'000, .first = 90'000, .done = 100'000};
  answer.message = message;
  answer.trailers = &trailers;
  load::Iteration iteration;
  load::Judgement judgement;
  while (state.KeepRunning()) {
    judgement.Clear();
    call.workload->Judge(iteration, answer, judgement);
    if (!judgement.ok) state.SkipWithError(judgement.reason.c_str());
    benchmark::DoNotOptimize(judgement.observed.data());
  }
}

#define BENCHMARK_OBSERVE(name, value) \
  BENCHMARK_CAPTURE(Judge, name, "observe: {seen: \"" value "\"}")
#define BENCHMARK_CHECK(name, condition) \
  BENCHMARK_CAPTURE(Judge, name, "check: {conditions: ['" condition "']}")

BENCHMARK_CAPTURE(Judge, status, "check: {status: OK}");
BENCHMARK_OBSERVE(observe_response, "response.index");
BENCHMARK_OBSERVE(observe_trailer, "trailer.cost");
BENCHMARK_OBSERVE(observe_phase, "phase.work");
BENCHMARK_OBSERVE(observe_expression,
                  "abs(response.index * 1us - call.service)");
BENCHMARK_CAPTURE(Judge, capture, "capture: {text: response.text}");
BENCHMARK_CHECK(check_response, "response.index == 3");
BENCHMARK_CHECK(check_trailer, "trailer.cost <= 12");
BENCHMARK_CHECK(check_phase, "phase.work < 50ms");
BENCHMARK_CHECK(check_latency, "call.latency < 200ms");
BENCHMARK_CAPTURE(Judge, all,
                  "check: {conditions: ['response.index == 3', "
                  "'trailer.cost <= 12', 'call.latency < 200ms']}\n"
                  "    observe: {a: response.index, b: trailer.cost}");

}  // namespace
}  // namespace perfrig
