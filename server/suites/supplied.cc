#include "server/suites/supplied.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/strings/template_files.h"

namespace perfrig::suites {
namespace {

absl::StatusOr<CsvTable> TooMuch(const std::string& name, std::size_t bytes) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": the files of a suite must be at most ",
                   kMostFileBytes, " bytes together, got ", bytes));
}

}  // namespace

Supplied SuppliedWith(const v1::SuiteSource& source) {
  Supplied supplied;
  supplied.variables.insert(source.variables().begin(),
                            source.variables().end());
  std::size_t bytes = 0;
  for (const auto& [name, text] : source.files()) bytes += text.size();
  for (const auto& [name, text] : source.files()) {
    supplied.tables.emplace(name, bytes <= kMostFileBytes
                                      ? CsvTable::Parse(name, text)
                                      : TooMuch(name, bytes));
  }
  return supplied;
}

}  // namespace perfrig::suites
