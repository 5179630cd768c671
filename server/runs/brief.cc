#include "server/runs/brief.h"

#include <string>

namespace perfrig::runs {

v1::Run Brief(const v1::Run& run) {
  v1::Run brief = run;
  for (v1::SuiteResult& suite : *brief.mutable_suites()) {
    const std::string name = suite.suite().name();
    suite.mutable_suite()->Clear();
    suite.mutable_suite()->set_name(name);
    for (v1::TestResult& test : *suite.mutable_tests()) {
      test.clear_rounds();
      test.clear_steps();
      test.clear_slowest();
      test.clear_failed();
      test.clear_cpu_profile();
      ClearHistograms(*test.mutable_figures());
      test.mutable_rig()->mutable_hiccups()->clear_histogram();
      test.mutable_rig()->mutable_mock_lateness()->clear_histogram();
      test.mutable_connections()->mutable_connect()->clear_histogram();
    }
  }
  return brief;
}

void ClearHistograms(v1::Figures& figures) {
  for (v1::Distribution* times :
       {figures.mutable_latency(), figures.mutable_latency_all(),
        figures.mutable_service(), figures.mutable_lag(),
        figures.mutable_first_message(), figures.mutable_message_gap(),
        figures.mutable_stream_wait(), figures.mutable_message_latency(),
        figures.mutable_backoff()}) {
    times->clear_histogram();
  }
}

}  // namespace perfrig::runs
