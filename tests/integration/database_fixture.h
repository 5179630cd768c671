// Calls of the Database target.
#ifndef PERFRIG_TESTS_INTEGRATION_DATABASE_FIXTURE_H_
#define PERFRIG_TESTS_INTEGRATION_DATABASE_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {

class DatabaseTest : public TargetsTest {
 protected:
  explicit DatabaseTest(HostOptions options = Allowing())
      : TargetsTest(std::move(options)) {}
  ~DatabaseTest() override { CancelAll(); }

  // Calls that go on until CancelAll.
  template <class Stub, class Request, class Response>
  void Hold(int calls, Stub& stub,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                         Response*),
            const std::string& text) {
    for (int i = 0; i < calls; ++i) {
      contexts_.emplace_back();
      callers_.emplace_back([&stub, method, &context = contexts_.back(),
                             request = Parse<Request>(text)] {
        Response response;
        (stub.*method)(&context, request, &response);
      });
    }
  }
  void CancelAll() {
    for (grpc::ClientContext& context : contexts_) context.TryCancel();
    for (std::thread& caller : callers_) caller.join();
    callers_.clear();
    contexts_.clear();
  }
  // Until so many are in flight, and of them, so many wait.
  testing::AssertionResult Become(std::uint64_t in_flight,
                                  std::uint64_t waiting) {
    const bool are = Eventually([&] {
      const auto now = StatisticsOf("database");
      return now.in_flight() == in_flight && now.waiting() == waiting;
    });
    if (are) return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << StatisticsOf("database").ShortDebugString();
  }

  grpc::Status Read(const std::string& query = "key: 'a'") {
    api::QueryResponse response;
    return Call(*database_, &api::Database::Stub::Query,
                Parse<api::QueryRequest>(query), response);
  }
  grpc::Status Write() {
    api::ExecuteResponse response;
    return Call(*database_, &api::Database::Stub::Execute,
                Parse<api::ExecuteRequest>("put { key: 'a' }"), response);
  }
  template <class Request, class Response>
  grpc::Status RunAll(grpc::Status (api::Database::Stub::*method)(
                          grpc::ClientContext*, const Request&, Response*),
                      const std::string& statements) {
    Response response;
    return Call(*database_, method, Parse<Request>(statements), response);
  }
  grpc::Status Transaction(const std::string& statements) {
    return RunAll(&api::Database::Stub::Transaction, statements);
  }
  grpc::Status Batch(const std::string& statements) {
    return RunAll(&api::Database::Stub::Batch, statements);
  }
  std::int64_t LastInjected() {
    return StatisticsOf("database").injected().max_ns();
  }

 private:
  std::list<grpc::ClientContext> contexts_;
  std::vector<std::thread> callers_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_TESTS_INTEGRATION_DATABASE_FIXTURE_H_
