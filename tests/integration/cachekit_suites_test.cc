// The shipped suites of the cache library, each test with something broken: it
// has to fail, and by the threshold that speaks of what was broken.
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "server/suites/shipped.h"
#include "tests/integration/daemon_fixture.h"
#include "tests/support/servers/redis_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig {
namespace {

using ::testing::IsSupersetOf;

struct Broken {
  const char* what;
  const char* file;
  const char* test;
  // In the part of the file that describes the test; the first time.
  const char* from;
  const char* to;
  // Thresholds that have to be missed.
  std::vector<std::string> missed;
};

std::ostream& operator<<(std::ostream& out, const Broken& broken) {
  return out << broken.test << ": " << broken.what;
}

std::string TextOf(std::string_view file) {
  for (const auto& suite : suites::ShippedSuites()) {
    if (suite.file == file) return std::string(suite.text);
  }
  ADD_FAILURE() << "no suite " << file;
  return "";
}

std::string WithFault(const Broken& broken) {
  std::string text = TextOf(broken.file);
  const std::size_t test = text.find(absl::StrCat("\n  ", broken.test, ":\n"));
  EXPECT_NE(test, std::string::npos);
  const std::size_t at = text.find(broken.from, test);
  EXPECT_NE(at, std::string::npos) << broken.from;
  if (at == std::string::npos) return text;
  text.replace(at, std::string_view(broken.from).size(), broken.to);
  // Enough calls for a percentile on a busy machine, too.
  return absl::StrReplaceAll(text, {{"duration: 300ms", "duration: 1s"},
                                    {"duration: 400ms", "duration: 1s"},
                                    {"duration: 500ms", "duration: 2s"}});
}

class CachekitSuites : public DaemonTest {
 protected:
  // The test of the suite with the fault in it.
  v1::TestResult Run(const Broken& broken) {
    v1::StartRunRequest request;
    v1::SuiteSource& source = *request.add_sources();
    source.set_file_name(broken.file);
    source.set_text(WithFault(broken));
    request.add_tests(broken.test);
    request.set_rounds(1);
    const auto started = StartRun(request);
    EXPECT_TRUE(started.ok()) << started.status();
    if (!started.ok()) return {};
    const auto run = WaitFor(started->name());
    EXPECT_TRUE(run.ok()) << run.status();
    if (!run.ok()) return {};
    for (const v1::SuiteResult& suite : run->suites()) {
      for (const v1::TestResult& result : suite.tests()) {
        if (result.test() == broken.test) return result;
      }
    }
    return {};
  }

  void ExpectMissed(const Broken& broken) {
    const v1::TestResult result = Run(broken);
    EXPECT_EQ(result.verdict(), v1::FAIL) << result.DebugString();
    std::vector<std::string> missed;
    for (const v1::ThresholdResult& threshold : result.thresholds()) {
      if (threshold.verdict() == v1::FAIL) {
        missed.push_back(threshold.expression());
      }
    }
    EXPECT_THAT(missed, IsSupersetOf(broken.missed));
  }
};

constexpr char kErrors[] = "errors.rate == 0";

class InProcess : public CachekitSuites,
                  public ::testing::WithParamInterface<Broken> {};

TEST_P(InProcess, ATestWhoseSubjectIsBrokenFails) {
  Start();

  ExpectMissed(GetParam());
}

const char* const kProduction = "cachekit/production.yaml";
const char* const kL1 = "cachekit/l1.yaml";
const char* const kEndToEnd = "cachekit/end-to-end.yaml";
const char* const kSerializers = "cachekit/serializers.yaml";
const char* const kWrapper = "cachekit/backend-wrapper.yaml";
const char* const kBudget = "cachekit/budget.yaml";
const char* const kClaims = "cachekit/claims.yaml";
const char* const kReliability = "cachekit/reliability.yaml";

INSTANTIATE_TEST_SUITE_P(
    Cachekit, InProcess,
    ::testing::Values(
        Broken{"the document is slow to serialize",
               kProduction,
               "decorator_overhead_complex_dict",
               "bytes: 10KB",
               "bytes: 50KB",
               {"service.p95 < 300us"}},
        Broken{"the first tier keeps nothing",
               kProduction,
               "decorator_overhead_complex_dict",
               "bytes: 10KB",
               "bytes: 10KB, first_tier_bytes: 0",
               {kErrors}},
        Broken{"the record is none",
               kProduction,
               "decorator_overhead_dataclass",
               "payload: record",
               "payload: document, bytes: 50KB",
               {"service.p95 < 200us"}},
        Broken{"the table has six times the rows",
               kProduction,
               "decorator_overhead_dataframe",
               "rows: 10000, first_tier_bytes: 64MB",
               "rows: 60000, first_tier_bytes: 200MB",
               {"service.p95 < 5ms"}},
        Broken{"each miss waits for a slow second tier",
               kProduction,
               "concurrent_cache_access",
               "shared: true",
               "shared: true, second_tier_delay: 2ms",
               {"service.p95 < 500us"}},
        Broken{"sealed documents are ten times as large",
               kProduction,
               "encryption_overhead",
               "          bytes: 10KB",
               "          bytes: 100KB",
               {"encrypted.service.p50 / plain.service.p50 < 3"}},
        Broken{"what comes back by call-back comes late",
               kProduction,
               "async_decorator_overhead",
               "path: callbacks",
               "path: callbacks, second_tier_delay: 2ms",
               {"callbacks.service.p95 - direct.service.p95 < 50us"}},
        Broken{"the tier keeps nothing",
               kL1,
               "l1_hit",
               "bytes: 10KB",
               "bytes: 10KB, first_tier_bytes: 0",
               {kErrors}},
        Broken{"a miss looks for more",
               kL1,
               "l1_miss",
               "local:cache.miss\n    data: { keys: 4096, bytes: 10KB }",
               "local:cache.call",
               {"service.p95 < 200ns", "allocations.max == 0"}},
        Broken{"a put serializes",
               kL1,
               "l1_put",
               "local:cache.put\n    data: { keys: 4096, bytes: 10KB, "
               "first_tier_bytes: 20MB }",
               "local:cache.call",
               {"service.p95 < 2us"}},
        Broken{"the payload is not trivial",
               kEndToEnd,
               "decorator_l1_hit_int",
               "payload: number",
               "payload: document, bytes: 20KB",
               {"service.p95 < 36us"}},
        Broken{"the payload is not trivial",
               kEndToEnd,
               "async_decorator_int",
               "payload: number",
               "payload: document, bytes: 20KB",
               {"service.p95 < 17us"}},
        Broken{"columns are rows",
               kSerializers,
               "columns_column_sum",
               "serializer: columns",
               "serializer: messagepack",
               {"messagepack_column_sum.service.p50 / service.p50 >= 50"}},
        Broken{"columns have more to be read",
               kSerializers,
               "dataframe_full_scan",
               "rows: 10000, serializer: columns",
               "rows: 400000, serializer: columns",
               {"messagepack.service.p50 / columns.service.p50 > 1"}},
        Broken{"columns take as much room",
               kSerializers,
               "dataframe_writing",
               "serializer: columns",
               "serializer: messagepack",
               {"columns.size.max < messagepack.size.min"}},
        Broken{"creation takes 10 µs",
               kWrapper,
               "wrapper_creation",
               "local:wrapper.create",
               "local:spin\n    data: { microseconds: 10 }",
               {"service.p95 < 1us"}},
        Broken{"access takes 10 µs",
               kWrapper,
               "context_access",
               "local:context.get",
               "local:spin\n    data: { microseconds: 10 }",
               {"service.p95 < 200ns"}},
        Broken{"encoding takes 10 µs",
               kWrapper,
               "url_encoding",
               "local:url.encode",
               "local:spin\n    data: { microseconds: 10 }",
               {"service.p95 < 600ns"}},
        Broken{"the second tier answers at once",
               kWrapper,
               "share_of_second_tier",
               "second_tier_delay: 2ms, ",
               "",
               {"service.p50 >= 2ms"}},
        Broken{"a document of 100 KB",
               kBudget,
               "budget_by_phase",
               "bytes: 10KB",
               "bytes: 100KB",
               {"phase.serialization.p95 < 150us",
                "phase.deserialization.p95 < 150us", "service.p95 < 350us"}},
        Broken{"the second tier answers after 1 ms",
               kBudget,
               "budget_by_phase",
               "bytes: 10KB",
               "bytes: 10KB, second_tier_delay: 1ms",
               {"phase.machinery.p95 < 20us", "service.p95 < 350us"}},
        Broken{"the document is slow to serialize",
               kClaims,
               "realistic_payloads_200_300us",
               "bytes: 10KB",
               "bytes: 50KB",
               {"service.p95 < 300us"}},
        Broken{"the first tier is no faster than the second",
               kClaims,
               "saves_90_percent_of_network_latency",
               "bytes: 10KB, calls: hit }",
               "bytes: 10KB, calls: hit, first_tier_bytes: 0, "
               "second_tier_delay: 2ms, found: second_tier }",
               {"(second_tier.service.p50 - first_tier.service.p50) / "
                "second_tier.service.p50 >= 90%"}},
        Broken{"threads wait for each other",
               kClaims,
               "concurrent_safe_3_percent",
               "second_tier: none",
               "second_tier: memory, second_tier_delay: 2ms",
               {"service.p50 / threads_on_private_caches.service.p50 <= 1.03"}},
        Broken{"columns are rows",
               kClaims,
               "columns_50_times_faster",
               "serializer: columns",
               "serializer: messagepack",
               {"messagepack_column_sum.service.p50 / service.p50 >= 50"}},
        Broken{"a user's hit is a look-up",
               kClaims,
               "not_sub_microsecond_hits",
               "local:cache.call\n        data: { bytes: 10KB, calls: hit }",
               "local:noop",
               {"full.service.p50 > 1us"}},
        Broken{"nothing is done",
               kClaims,
               "not_zero_overhead",
               "local:cache.call\n    data: { payload: number }",
               "local:noop",
               {"service.p50 > 500ns"}}));

class WithRedis : public ServerTest<RedisServer, CachekitSuites>,
                  public ::testing::WithParamInterface<Broken> {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Config config = FreePorts();
    config.redis = absl::StrCat("unix:", server_->socket());
    Start(config);
  }
};

TEST_P(WithRedis, ATestWhoseSubjectIsBrokenFails) { ExpectMissed(GetParam()); }

TEST_P(WithRedis, ItRunsWhereNothingIsBroken) {
  Broken whole = GetParam();
  whole.to = whole.from;

  const v1::TestResult result = Run(whole);

  // What it says of time is for a quiet machine.
  EXPECT_GT(result.figures().ok(), 0U) << result.DebugString();
  EXPECT_NE(result.verdict(), v1::ERROR) << result.reason();
}

INSTANTIATE_TEST_SUITE_P(
    Cachekit, WithRedis,
    ::testing::Values(
        Broken{"Redis is never asked",
               kProduction,
               "redis_l2_roundtrip",
               "first_tier_bytes: 0",
               "first_tier_bytes: 16MB",
               {kErrors}},
        Broken{"no fault comes",
               kReliability,
               "circuit_breaker_failure_injection",
               "fail_calls: 11",
               "fail_calls: 0",
               {"opened.max == 2", "half_opened.max == 2"}},
        Broken{"the fault does not end",
               kReliability,
               "circuit_breaker_failure_injection",
               "fail_calls: 11",
               "fail_calls: 100000",
               {"opened.max == 2", "status.OK.count > 110"}},
        Broken{"any number may wait, for as long as they like",
               kReliability,
               "backpressure_limit",
               "max_waiting: 2\n      max_wait: 2ms",
               "max_waiting: 1000\n      max_wait: 20s",
               {"status.RESOURCE_EXHAUSTED.count > 0",
                "status.DEADLINE_EXCEEDED.count > 0"}},
        Broken{"the timeout does not follow",
               kReliability,
               "adaptive_timeout_behavior",
               "timeout_floor: 1ms",
               "adaptive_timeout: false",
               {"on.timeout.p50 < 100"}},
        Broken{"a tenth of the calls fails",
               kReliability,
               "full_stack_under_load",
               "    before:\n",
               "    before:\n      - behavior: { cache: { faults: [ { rate: "
               "10%, status: INTERNAL } ] } }\n",
               {"success.rate >= 99%"}}));

}  // namespace
}  // namespace perfrig
