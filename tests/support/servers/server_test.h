// Tests that share one real server: a fixture over another one.
//
//   class PostgresTest : public ServerTest<PostgresServer> {
//    protected:
//     void SetUp() override {
//       ServerTest::SetUp();
//       if (IsSkipped()) return;
//       …
//     }
//   };
//
// Skipped, with the reason, where the server is not installed; in CI
// (PERFRIG_NO_SKIP) that is a failure.
#ifndef PERFRIG_TESTS_SUPPORT_SERVERS_SERVER_TEST_H_
#define PERFRIG_TESTS_SUPPORT_SERVERS_SERVER_TEST_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace perfrig {

template <class Server, class Base = ::testing::Test>
class ServerTest : public Base {
 protected:
  using Base::Base;

  static void SetUpTestSuite() {
    auto server = Server::Create();
    missing_ = server.status();
    if (server.ok()) server_ = *std::move(server);
  }
  static void TearDownTestSuite() { server_ = nullptr; }

  void SetUp() override {
    if (server_ != nullptr) return;
    ASSERT_TRUE(absl::IsNotFound(missing_)) << missing_;
    ASSERT_EQ(std::getenv("PERFRIG_NO_SKIP"), nullptr) << missing_;
    GTEST_SKIP() << missing_;
  }

  static inline std::unique_ptr<Server> server_;
  static inline absl::Status missing_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_SERVERS_SERVER_TEST_H_
