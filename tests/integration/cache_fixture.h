// Calls of the Cache target.
#ifndef PERFRIG_TESTS_INTEGRATION_CACHE_FIXTURE_H_
#define PERFRIG_TESTS_INTEGRATION_CACHE_FIXTURE_H_

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/cache.grpc.pb.h"
#include "server/targets/host.h"
#include "tests/integration/hosted_fixture.h"

namespace perfrig::targets {

class CacheFixture : public HostedTest {
 protected:
  using Stub = api::Cache::Stub;

  explicit CacheFixture(HostOptions options = Allowing())
      : HostedTest(std::move(options)) {}

  template <class Request, class Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const std::string& text, Response& response,
                    absl::Duration deadline = absl::Seconds(30)) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(clock_.WallTime() + deadline));
    absl::Status status =
        HostedTest::Call(*cache_, method, text, response, context);
    phases_ = TrailerOf(context, "perfrig-phases");
    return status;
  }
  absl::Status Put(const std::string& request) {
    api::CachePutResponse response;
    return Call(&Stub::Put, request, response);
  }
  // "first_tier 7", or "none".
  std::string Get(const std::string& key) {
    api::CacheGetResponse response;
    const absl::Status status =
        Call(&Stub::Get, "key: '" + key + "'", response);
    if (!status.ok()) return status.ToString();
    if (!response.found()) return "none";
    return api::CacheSource_Name(response.source()) + " " + response.value();
  }
  api::GetOrComputeResponse GetOrCompute(const std::string& request) {
    api::GetOrComputeResponse response;
    const absl::Status status = Call(&Stub::GetOrCompute, request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }
  absl::Status Invalidate(const std::string& key) {
    api::InvalidateCacheResponse response;
    return Call(&Stub::Invalidate, "key: '" + key + "'", response);
  }
  api::CacheStatsResponse Stats() {
    api::CacheStatsResponse stats;
    const absl::Status status = Call(&Stub::Stats, "", stats);
    EXPECT_TRUE(status.ok()) << status;
    return stats;
  }
  // A text of the state.
  std::string TextOf(const std::string& name) {
    return host_.Get("cache")->state().fields().at(name).string_value();
  }
  // Of the last call, 0 where it had none of it.
  [[nodiscard]] Nanos PhaseOf(const std::string& phase) const {
    const std::vector<std::string> all = absl::StrSplit(phases_, ',');
    for (const std::string& each : all) {
      const std::vector<std::string> parts = absl::StrSplit(each, '=');
      Nanos time = 0;
      if (parts[0] == phase && absl::SimpleAtoi(parts.at(1), &time)) {
        return time;
      }
    }
    return 0;
  }

  std::unique_ptr<Stub> cache_ = api::Cache::NewStub(channel_);
  // Of the last call.
  std::string phases_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_TESTS_INTEGRATION_CACHE_FIXTURE_H_
