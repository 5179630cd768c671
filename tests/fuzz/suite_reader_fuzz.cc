// Suite files: any text is read or refused, and what is read can be sent and
// is right as a message, too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "google/protobuf/stubs/logging.h"
#include "server/suites/reader.h"

namespace {

using perfrig::suites::CheckSuite;
using perfrig::suites::ReadResult;
using perfrig::suites::ReadSuite;

void Read(const std::string& text) {
  perfrig::v1::SuiteSource source;
  source.set_text(text);
  (*source.mutable_variables())["NAME"] = "value";
  // The text once more, as a table.
  (*source.mutable_files())["f.csv"] = text;
  const ReadResult read = ReadSuite(source);
  for (const auto& problem : read.problems) {
    if (problem.message().empty()) std::abort();
  }
  if (!read.problems.empty()) return;
  if (!read.suite || !CheckSuite(*read.suite).empty()) std::abort();
  perfrig::v1::Suite copy;
  if (!copy.ParseFromString(read.suite->SerializeAsString())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  // Text that is not UTF-8 is refused, and not worth a line each.
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  Read(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
