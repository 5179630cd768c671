// Data of calls: any text is compiled or refused, and what is compiled can be
// rendered into messages that their type reads.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/stubs/logging.h"
#include "perfrig/target/v1/database.pb.h"
#include "server/suites/call_program.h"
#include "server/suites/supplied.h"

namespace {

using perfrig::suites::CallProgram;
using perfrig::suites::Supplied;
using perfrig::target::v1::TransactionRequest;

// Larger ones only test the machine's memory.
constexpr std::size_t kLargest = 1'000'000;

Supplied MakeSupplied() {
  perfrig::v1::SuiteSource source;
  (*source.mutable_variables())["TOKEN"] = "t";
  (*source.mutable_files())["f.csv"] = "id,n\na,1\n\"b,\"\"c\",x\n";
  return perfrig::suites::SuppliedWith(source);
}

void Render(const perfrig::v1::Call& call,
            const google::protobuf::MethodDescriptor* method) {
  const std::vector<std::string> names = {"id"};
  perfrig::suites::CheckCall(call, method, names);
  static const auto& supplied = *new Supplied(MakeSupplied());
  perfrig::suites::CheckCall(call, method, names, &supplied);
  const auto program = CallProgram::Compile(call, method, {}, names, supplied);
  if (!program.ok()) return;
  std::uint64_t random = 1;
  const std::vector<std::string> captured = {"\"x"};
  std::vector<std::string> messages;
  std::vector<std::pair<std::string, std::string>> metadata;
  for (std::uint64_t sequence = 0; sequence < 2; ++sequence) {
    const absl::Status status =
        (*program)->Render({sequence, &random, &captured}, messages, metadata);
    if (!status.ok() || method == nullptr) continue;
    if (!TransactionRequest().ParseFromString(messages.at(0))) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Sizes in megabytes.
  if (size > kLargest || text.find('M') != std::string_view::npos ||
      text.find("0000000") != std::string_view::npos) {
    return 0;
  }
  static const auto* method = TransactionRequest::descriptor()
                                  ->file()
                                  ->FindServiceByName("Database")
                                  ->FindMethodByName("Transaction");
  perfrig::v1::Call call;
  call.add_data(std::string(text));
  Render(call, method);
  call.set_method("local:f");
  Render(call, nullptr);
  return 0;
}
