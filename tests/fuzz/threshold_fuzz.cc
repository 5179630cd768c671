// Thresholds, figures, conditions of checks and observed values: any text is
// read or refused, and what is read can be judged.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "perfrig/v1/suite.pb.h"
#include "server/suites/condition.h"
#include "server/suites/figure.h"
#include "server/suites/observation.h"
#include "server/suites/threshold.h"

namespace {

using perfrig::suites::Condition;
using perfrig::suites::Figure;
using perfrig::suites::Observation;
using perfrig::suites::Threshold;

perfrig::v1::Suite MakeSuite() {
  perfrig::v1::Suite suite;
  suite.set_name("suites/shop");
  for (const char* name : {"cold", "warm"}) {
    perfrig::v1::Test& test = *suite.add_tests();
    test.set_name(name);
    for (const char* step : {"find", "buy"}) {
      perfrig::v1::Call& call = *test.add_calls();
      call.set_name(step);
      perfrig::v1::Observe& observe = *call.add_observe();
      observe.set_name("hits");
      observe.set_path("call.latency");
    }
  }
  return suite;
}

void JudgeThreshold(std::string_view text) {
  static const auto& suite = *new perfrig::v1::Suite(MakeSuite());
  auto threshold = Threshold::Parse(text);
  if (!threshold.ok()) return;
  const auto lookup = [](const perfrig::suites::MetricRef& ref) {
    perfrig::suites::MetricValue value;
    value.samples = ref.offset;
    if (ref.metric.size() % 2 == 0) value.value = 0.02;
    return value;
  };
  threshold->Evaluate(lookup, 0);
  if (!threshold->Resolve(suite, suite.tests(1)).ok()) return;
  const auto result = threshold->Evaluate(lookup, 3);
  perfrig::suites::FormatValue(result.observed, threshold->unit(),
                               threshold->is_share());
}

void ShowFigure(std::string_view text) {
  static const auto& suite = *new perfrig::v1::Suite(MakeSuite());
  auto figure = Figure::Parse(text);
  if (!figure.ok() || !figure->Resolve(suite, suite.tests(0)).ok()) return;
  const auto value = figure->Evaluate([](const auto& ref) {
    return perfrig::suites::MetricValue{static_cast<double>(ref.offset), 1};
  });
  if (value) figure->Text(*value);
}

void Observe(std::string_view text) {
  const perfrig::suites::ResponseType type{true,
                                           perfrig::v1::Suite::descriptor()};
  const auto value = Observation::Parse(text, type);
  if (!value.ok()) return;
  static const auto& response = *new perfrig::v1::Suite(MakeSuite());
  static const std::vector<std::pair<std::string, std::string>> trailers = {
      {"perfrig-phases", "a=1,b=2"}, {"t", "3"}};
  perfrig::suites::AnswerView answer;
  answer.trailers = &trailers;
  const auto number = value->Read(answer, &response);
  if (number && !std::isfinite(*number)) std::abort();
}

void JudgeCondition(std::string_view text) {
  const perfrig::suites::ResponseType type{true,
                                           perfrig::v1::Suite::descriptor()};
  const auto condition = Condition::Parse(text, type);
  if (!condition.ok()) return;
  static const auto& response = *new perfrig::v1::Suite(MakeSuite());
  condition->Test({}, &response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  JudgeThreshold(text);
  JudgeCondition(text);
  ShowFigure(text);
  Observe(text);
  return 0;
}
