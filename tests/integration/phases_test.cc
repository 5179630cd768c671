// What a call is told it waited for, in its trailing metadata, against what it
// was made to wait for and what its caller waited: neither less nor more. To
// the nanosecond it is tested with a fake clock, in station_property_test.cc.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/echo.pb.h"
#include "tests/integration/hosted_fixture.h"
#include "tests/support/sanitized.h"

namespace perfrig::targets {
namespace {

struct Case {
  std::string name;
  // "Echo/Call".
  std::string method;
  // In text form.
  std::vector<std::string> messages;
  // What targets are told before, in text form.
  std::vector<std::pair<std::string, std::string>> behaviors;
  // What it waits for in all, as far as that is known.
  int at_least_ms = 0;
  grpc::StatusCode code = grpc::StatusCode::OK;
};

void PrintTo(const Case& made, std::ostream* out) { *out << made.method; }

std::string Delay(int ms) {
  return absl::StrCat("delay { fixed { nanos: ", ms * kMillisecond, " } } ");
}

const std::vector<Case>& Cases() {
  const std::string text = "tenant: 'acme' user: 'ada' text: 'hello'";
  const std::string chat = "messages { role: USER text: 'hello' }";
  const std::string query = "query { table: 'users' key: 'ada' }";
  const std::string bytes(20'000, 'x');
  std::string large_batch;
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&large_batch, "statements { query { limit: 1000 } } ");
  }
  const std::vector<std::pair<std::string, std::string>> behind = {
      {"gateway", Delay(5)},
      {"database", Delay(15)},
      {"orchestrator", Delay(20)}};
  static const auto& cases = *new std::vector<Case>{
      {"EchoCall",
       "Echo/Call",
       {"text: '" + bytes + "'"},
       {{"echo", Delay(20) + "bytes_per_second: 1e6"}},
       60},
      {"EchoSlowFault",
       "Echo/Call",
       {""},
       {{"echo", "faults { rate: 1 slow { nanos: 30000000 } }"}},
       30},
      {"EchoFault",
       "Echo/Call",
       {""},
       {{"echo", Delay(20) + "faults { rate: 1 status: 'ABORTED' }"}},
       20,
       grpc::StatusCode::ABORTED},
      {"EchoCollect",
       "Echo/Collect",
       {"text: '" + bytes + "'", "text: 'y'"},
       {{"echo", Delay(20) + "bytes_per_second: 1e6"}},
       40},
      {"EchoExpand",
       "Echo/Expand",
       {"text: 'x' repeat: 5 gap_us: 5000"},
       {{"echo", Delay(20)}},
       40},
      {"EchoChat",
       "Echo/Chat",
       {"text: 'x'", "text: 'y'"},
       {{"echo", Delay(20)}},
       40},
      {"DatabaseQuery", "Database/Query", {"table: 'users' key: 'a'"}, {}, 20},
      {"DatabaseTransaction",
       "Database/Transaction",
       {"statements { " + query + " } statements { " + query + " }"},
       {},
       40},
      {"DatabaseBatch",
       "Database/Batch",
       {"statements { " + query + " } statements { " + query + " }"},
       {},
       20},
      {"DatabaseLargeBatch", "Database/Batch", {large_batch}, {}, 20},
      {"DatabaseExecute",
       "Database/Execute",
       {"table: 'users' put { key: 'a' }"},
       {},
       20},
      {"ObjectStorePut",
       "ObjectStore/PutObject",
       {"header { key: 'a' }", "chunk: '" + bytes + "'"},
       {{"object_store", "bytes_per_second: 1e6"}},
       30},
      {"ObjectStoreGet",
       "ObjectStore/GetObject",
       {"key: 'templates/simple'"},
       {},
       50},
      {"ObjectStoreList", "ObjectStore/ListObjects", {""}, {}, 50},
      {"PoolUse",
       "ConnectionPool/Use",
       {"hold { nanos: 15000000 }"},
       {{"connection_pool",
         Delay(5) + "connection_pool { open { nanos: 10000000 } }"}},
       30},
      {"Chat", "Orchestrator/Chat", {chat}, {{"orchestrator", Delay(20)}}, 20},
      // The last token comes a token's share of the delay before its end.
      {"ChatStream",
       "Orchestrator/ChatStream",
       {chat},
       {{"orchestrator", Delay(40)}},
       39},
      {"Tool", "Orchestrator/ExecuteTool", {"name: 'search'"}, {}, 50},
      {"Classify",
       "Classifier/Classify",
       {"tenant: 'acme' text: 'too dear'"},
       {{"classifier",
         Delay(20) + "classifier { slow_by { nanos: 15000000 } }"}},
       35},
      {"ConfigResolve",
       "Config/Resolve",
       {"tenant: 'acme'"},
       {{"config", Delay(10) + "config { missing_tiers: 1 }"},
        {"database", Delay(15)}},
       40},
      {"TemplateFetch",
       "Template/Fetch",
       {"name: 'simple'"},
       {{"template", Delay(10)}},
       80},
      {"TemplateRender",
       "Template/Render",
       {"name: 'complex'"},
       {{"template", Delay(10)}},
       80},
      {"GatewayMessage", "Gateway/SendMessage", {text}, behind, 40},
      {"GatewaySession", "Gateway/Session", {text, text}, behind, 70},
      {"CacheGetOrCompute",
       "Cache/GetOrCompute",
       {"key: 'a'"},
       {{"cache", Delay(10) + "cache { compute_delay { nanos: 20000000 } }"}},
       30},
      {"CacheComputeLarge",
       "Cache/GetOrCompute",
       {"key: 'a' value_bytes: 1000000"},
       {{"cache", "cache { ttl { nanos: 1000000 } l2: false }"}},
       20},
      // Without a token.
      {"IngestValidate",
       "Ingest/Validate",
       {""},
       {{"ingest", Delay(20)}},
       20,
       grpc::StatusCode::UNAUTHENTICATED},
  };
  return cases;
}

// Of "queue=1200,work=20000000".
Nanos SumOf(const std::string& phases) {
  Nanos sum = 0;
  for (const auto phase : absl::StrSplit(phases, ',')) {
    const std::vector<std::string> parts = absl::StrSplit(phase, '=');
    Nanos time = 0;
    EXPECT_TRUE(parts.size() == 2 && absl::SimpleAtoi(parts[1], &time));
    sum += time;
  }
  return sum;
}

// How long a call was in the server's hands, without the transport's part of
// it: from its arrival until its status was told to gRPC.
class Stopwatch final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Stopwatch(const Clock& clock, std::atomic<Nanos>& whole)
      : clock_(clock), whole_(whole) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* /*info*/) override {
    return new Interceptor(clock_, whole_);
  }

 private:
  class Interceptor final : public grpc::experimental::Interceptor {
   public:
    Interceptor(const Clock& clock, std::atomic<Nanos>& whole)
        : clock_(clock), whole_(whole) {}

    void Intercept(
        grpc::experimental::InterceptorBatchMethods* methods) override {
      using Point = grpc::experimental::InterceptionHookPoints;
      if (methods->QueryInterceptionHookPoint(
              Point::POST_RECV_INITIAL_METADATA)) {
        began_ = clock_.Now();
      }
      if (methods->QueryInterceptionHookPoint(Point::PRE_SEND_STATUS)) {
        whole_ = clock_.Now() - began_;
      }
      methods->Proceed();
    }

   private:
    const Clock& clock_;
    std::atomic<Nanos>& whole_;
    Nanos began_ = 0;
  };

  const Clock& clock_;
  std::atomic<Nanos>& whole_;
};

class PhasesTest : public HostedTest,
                   public ::testing::WithParamInterface<Case> {
 protected:
  PhasesTest() : HostedTest(Allowing(), Watched()) {}

  Interceptors Watched() {
    Interceptors interceptors;
    interceptors.push_back(std::make_unique<Stopwatch>(clock_, whole_));
    return interceptors;
  }

  // Any method, whatever it streams; `call` ends with it.
  grpc::Status Make(const Case& made, grpc::ClientContext& context) {
    const std::string service = absl::StrCat(
        "perfrig.target.v1.", made.method.substr(0, made.method.find('/')));
    const std::string method = made.method.substr(made.method.find('/') + 1);
    const auto* const type =
        google::protobuf::DescriptorPool::generated_pool()
            ->FindMethodByName(absl::StrCat(service, ".", method))
            ->input_type();
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareCall(
        &context, absl::StrCat("/", service, "/", method), &queue);
    // Waits for what was begun.
    const auto done = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    call->StartCall(nullptr);
    bool open = done();
    for (const std::string& text : made.messages) {
      if (!open) break;
      const std::unique_ptr<google::protobuf::Message> message(
          google::protobuf::MessageFactory::generated_factory()
              ->GetPrototype(type)
              ->New());
      EXPECT_TRUE(
          google::protobuf::TextFormat::ParseFromString(text, message.get()));
      const grpc::Slice slice(message->SerializeAsString());
      call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
      open = done();
    }
    call->WritesDone(nullptr);
    done();
    grpc::ByteBuffer answer;
    do {
      call->Read(&answer, nullptr);
    } while (done());
    grpc::Status status;
    call->Finish(&status, nullptr);
    done();
    queue.Shutdown();
    while (done()) {
    }
    return status;
  }

  // Of the last call.
  std::atomic<Nanos> whole_ = 0;
};

constexpr Nanos kLeastBound = kSanitized ? kMillisecond : 50 * kMicrosecond;

TEST_P(PhasesTest, AddUpToWhatTheCallWaited) {
  const Case& made = GetParam();
  std::string phases;
  Nanos missing = 0;

  // A busy machine may interrupt a call anywhere; what is always left out, is
  // left out of each.
  for (int i = 0; i < 20; ++i) {
    // Nothing is kept of the last.
    ASSERT_TRUE(host_.Reset("-").ok());
    for (const auto& [target, behavior] : made.behaviors) Set(target, behavior);
    grpc::ClientContext context;
    const grpc::Status status = Make(made, context);
    ASSERT_EQ(status.error_code(), made.code) << status.error_message();
    phases = TrailerOf(context, "perfrig-phases");
    ASSERT_GE(SumOf(phases), made.at_least_ms * kMillisecond) << phases;
    missing = whole_ - SumOf(phases);
    ASSERT_GE(missing, 0) << phases;
    if (missing <= std::max(whole_ / 100, kLeastBound)) return;
  }

  FAIL() << missing << " ns of " << whole_ << " are in no phase: " << phases;
}

INSTANTIATE_TEST_SUITE_P(Calls, PhasesTest, ::testing::ValuesIn(Cases()),
                         [](const auto& each) { return each.param.name; });

TEST_F(HostedTest, PhasesOfEveryTargetAreTested) {
  std::set<std::string> tested;
  for (const Case& each : Cases()) {
    tested.insert("perfrig.target.v1." +
                  each.method.substr(0, each.method.find('/')));
  }

  for (const v1::Target& target : host_.List()) {
    EXPECT_EQ(tested.count(target.service()), 1) << target.service();
  }
}

}  // namespace
}  // namespace perfrig::targets
