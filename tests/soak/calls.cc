#include "tests/soak/calls.h"

#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/code_names.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "server/targets/behavior/random.h"

namespace perfrig::soak {
namespace {

using google::protobuf::MethodDescriptor;

struct Line {
  std::string service;
  std::string method;
  // In text form.
  std::vector<std::string> messages;
};

// What no statistics count is not here: Stats and IssueToken. A file has one
// byte, the least that file_bytes may allow.
const std::vector<Line>& Table() {
  static const auto& table = *new std::vector<Line>{
      {"Cache", "Get", {"key: 'a'"}},
      {"Cache", "GetOrCompute", {"key: 'b' value_bytes: 1000"}},
      {"Cache", "Invalidate", {"key: 'b'"}},
      {"Cache", "Put", {"key: 'a' value: 'v'"}},
      {"Classifier", "Classify", {"tenant: 'acme' text: 'too dear'"}},
      {"Classifier", "Narrate", {"tenant: 'other' text: 'too dear'"}},
      {"Config", "Invalidate", {""}},
      {"Config", "Resolve", {"tenant: 'acme'"}},
      {"ConnectionPool", "Acquire", {"holder: 'ada'"}},
      {"ConnectionPool", "Release", {"lease: '1' holder: 'ada'"}},
      {"ConnectionPool", "Use", {"hold { nanos: 2000000 }"}},
      {"Database",
       "Batch",
       {"statements { query { table: 'users' key: 'ada' } }"}},
      {"Database", "Execute", {"table: 'users' put { key: 'ada' }"}},
      {"Database", "Query", {"table: 'users' key: 'ada'"}},
      {"Database",
       "Transaction",
       {"statements { query { table: 'users' key: 'ada' } }"
        "statements { execute { table: 'users' delete: 'ada' } }"}},
      {"Echo", "Call", {"text: 'x'"}},
      {"Echo", "Chat", {"text: 'x'", "text: 'y'"}},
      {"Echo", "Collect", {"text: 'x'", "text: 'y'"}},
      {"Echo", "Expand", {"text: 'x' repeat: 5 gap_us: 500"}},
      {"Gateway", "SendMessage", {"tenant: 'acme' user: 'ada' text: 'hello'"}},
      {"Gateway",
       "Session",
       {"tenant: 'acme' user: 'ada' text: 'hello'",
        "tenant: 'acme' user: 'ada' text: 'again'"}},
      {"Ingest", "Upload", {"header { name: 'a.txt' }", "chunk: 'c'"}},
      {"Ingest", "Validate", {""}},
      {"ObjectStore", "DeleteObject", {"key: 'a'"}},
      {"ObjectStore", "GetObject", {"key: 'a' offset: 2 length: 3"}},
      {"ObjectStore", "HeadObject", {"key: 'a'"}},
      {"ObjectStore", "ListObjects", {"prefix: 'a'"}},
      {"ObjectStore", "PutObject", {"header { key: 'a' }", "chunk: 'content'"}},
      {"Orchestrator",
       "Chat",
       {"tenant: 'acme' messages { role: USER text: 'hello' }"}},
      {"Orchestrator",
       "ChatStream",
       {"tenant: 'acme' messages { role: USER text: 'hello' }"}},
      {"Orchestrator", "ExecuteTool", {"name: 'search'"}},
      {"Template", "Fetch", {"name: 'welcome'"}},
      {"Template", "Invalidate", {""}},
      {"Template",
       "Render",
       {"text: '<p>{{NAME}}</p>' variables { fields { key: 'NAME' value { "
        "string_value: '<ada>' } } }"}},
  };
  return table;
}

absl::StatusOr<drivers::Request> RequestOf(const std::string& service,
                                           const Line& line) {
  const MethodDescriptor* const method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          absl::StrCat(service, ".", line.method));
  if (method == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("no method ", service, "/", line.method));
  }
  drivers::Request request;
  request.path = absl::StrCat("/", service, "/", line.method);
  request.single_response = !method->server_streaming();
  for (const std::string& text : line.messages) {
    const std::unique_ptr<google::protobuf::Message> message(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(method->input_type())
            ->New());
    if (!google::protobuf::TextFormat::ParseFromString(text, message.get())) {
      return absl::InvalidArgumentError(
          absl::StrCat(request.path, ": cannot read ", text));
    }
    request.messages.push_back(message->SerializeAsString());
  }
  return request;
}

// Of "queue=1200,work=20000000".
Nanos SumOf(std::string_view phases) {
  Nanos sum = 0;
  for (const absl::string_view phase :
       absl::StrSplit(absl::string_view(phases.data(), phases.size()), ',')) {
    Nanos time = 0;
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(phase, absl::MaxSplits('=', 1));
    if (absl::SimpleAtoi(parts.second, &time)) sum += time;
  }
  return sum;
}

}  // namespace

absl::StatusOr<std::vector<Call>> CallsOf(
    const std::vector<v1::Target>& targets, const std::string& token) {
  std::vector<Call> calls;
  for (const v1::Target& target : targets) {
    const std::size_t before = calls.size();
    for (const Line& line : Table()) {
      if (target.service() != "perfrig.target.v1." + line.service) continue;
      auto request = RequestOf(target.service(), line);
      if (!request.ok()) return request.status();
      request->metadata.push_back({"authorization", "Bearer " + token});
      calls.push_back({target.name(), *std::move(request)});
    }
    if (calls.size() == before) {
      return absl::NotFoundError(
          absl::StrCat("tests/soak/calls.cc: no call to ", target.name()));
    }
  }
  return calls;
}

class Callers::Lane final : public load::Workload {
 public:
  Lane(const std::vector<Call>& calls, Notes& notes)
      : calls_(calls), notes_(notes) {}

  std::size_t steps() const override { return 1; }
  std::size_t metrics() const override { return 0; }

  absl::Status Prepare(load::Iteration& iteration,
                       drivers::Request& request) override {
    targets::Random random = RandomOf(iteration);
    request = calls_[NumberOf(random)].request;
    // Some are shorter than what they wait for.
    request.timeout =
        static_cast<Nanos>(20 + random.Next() % 980) * kMillisecond;
    return absl::OkStatus();
  }

  void Judge(load::Iteration& iteration, const load::Answer& answer,
             load::Judgement& judgement) override {
    targets::Random random = RandomOf(iteration);
    const std::size_t number = NumberOf(random);
    judgement.ok = answer.status == 0;
    ++notes_.seen[number].calls;
    if (judgement.ok) ++notes_.seen[number].ok;
    if (answer.trailers == nullptr) return;
    for (const drivers::Header& trailer : *answer.trailers) {
      if (trailer.name != "perfrig-phases") continue;
      const Nanos whole = answer.times.done - answer.times.sent;
      if (SumOf(trailer.value) <= whole) continue;
      if (notes_.overcounted++ > 0) continue;
      notes_.first_overcounted =
          absl::StrCat(calls_[number].request.path, ": ", trailer.value, " in ",
                       whole, " ns, ", std::string(StatusName(answer.status)));
    }
  }

 private:
  static targets::Random RandomOf(const load::Iteration& iteration) {
    return targets::Random::OfCall(1, iteration.sequence);
  }
  [[nodiscard]] std::size_t NumberOf(targets::Random& random) const {
    return random.Next() % calls_.size();
  }

  const std::vector<Call>& calls_;
  Notes& notes_;
};

std::unique_ptr<load::Workload> Callers::Create(std::size_t /*group*/,
                                                std::uint64_t /*seed*/) {
  notes_.push_back(std::make_unique<Notes>());
  notes_.back()->seen.resize(calls_.size());
  return std::make_unique<Lane>(calls_, *notes_.back());
}

std::map<std::string, Seen> Callers::SeenByTarget() const {
  std::map<std::string, Seen> all;
  for (const auto& notes : notes_) {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      all[calls_[i].target].calls += notes->seen[i].calls;
      all[calls_[i].target].ok += notes->seen[i].ok;
    }
  }
  return all;
}

std::uint64_t Callers::overcounted() const {
  std::uint64_t sum = 0;
  for (const auto& notes : notes_) sum += notes->overcounted;
  return sum;
}

std::string Callers::first_overcounted() const {
  for (const auto& notes : notes_) {
    if (notes->overcounted > 0) return notes->first_overcounted;
  }
  return "";
}

}  // namespace perfrig::soak
