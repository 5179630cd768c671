// Makes calls of local functions as a lane does, on a clock of the test's own.
#ifndef PERFRIG_TESTS_UNIT_SERVER_LOCAL_LOCAL_FIXTURE_H_
#define PERFRIG_TESTS_UNIT_SERVER_LOCAL_LOCAL_FIXTURE_H_

#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "server/local/local_functions.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_delay_queue.h"

namespace perfrig::local {

class LocalFixture : public ::testing::Test {
 protected:
  // Ready to be run; the status says why not.
  absl::StatusOr<std::unique_ptr<drivers::LocalCall>> Make(
      const std::string& name, const std::string& data) {
    return functions_.at(name).make(data, scope_);
  }

  // What is wrong with data that nothing is made of: "field message; …".
  std::string Wrong(const std::string& name, const std::string& data) {
    std::string text;
    for (const FieldProblem& problem : functions_.at(name).check(data)) {
      if (!text.empty()) text += "; ";
      text += problem.field + " " + problem.message;
    }
    return text;
  }

  // One run; what it told is in `told_`.
  absl::Status RunOnce(drivers::LocalCall& call) {
    absl::Status prepared = call.Prepare();
    if (!prepared.ok()) return prepared;
    const Nanos sent = clock_.Now();
    absl::Status status = call.Run();
    drivers::LocalTrailers trailers;
    call.Tell(clock_.Now() - sent, trailers);
    told_.clear();
    for (const drivers::Header& header : trailers.headers()) {
      if (header.name == "perfrig-phases") continue;
      told_[header.name] = std::stod(header.value);
    }
    return status;
  }

  // Makes it and runs it some times; the first error, as text.
  std::string Try(const std::string& name, const std::string& data,
                  int times = 3) {
    const auto call = Make(name, data);
    if (!call.ok()) return call.status().ToString();
    for (int i = 0; i < times; ++i) {
      const absl::Status status = RunOnce(**call);
      if (!status.ok()) return status.ToString();
    }
    return "OK";
  }

  FakeClock clock_;
  FakeDelayQueue delays_{clock_};
  drivers::LocalScope scope_;
  drivers::LocalFunctions functions_ =
      MakeLocalFunctions({.clock = clock_, .delays = delays_});
  std::map<std::string, double> told_;
};

}  // namespace perfrig::local

#endif  // PERFRIG_TESTS_UNIT_SERVER_LOCAL_LOCAL_FIXTURE_H_
