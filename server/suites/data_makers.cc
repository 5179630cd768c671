#include "server/suites/data_makers.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/suites/csv_table.h"
#include "server/suites/file_data.h"
#include "server/suites/quantity.h"
#include "server/suites/zipf.h"

namespace perfrig::suites {
namespace {

// A column of a file, by turns.
class CsvColumn final : public DataMaker {
 public:
  explicit CsvColumn(CsvTable::Column values) : values_(std::move(values)) {}

  void Append(std::uint64_t sequence, std::uint64_t&,
              std::string& out) const override {
    out.append((*values_)[sequence % values_->size()]);
  }
  std::string Sample(bool greatest) const override {
    return greatest ? values_->back() : values_->front();
  }

 private:
  const CsvTable::Column values_;
};

}  // namespace

MadeData MakeZipf(const TemplateWords& words) {
  // Numbers above are not all doubles.
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  constexpr double kSteepest = 10;
  const auto n = WholeNumber(words.size() == 3 ? words[1] : "");
  const auto s = ParseNumber(words.size() == 3 ? words[2] : "");
  if (!n.has_value() || !s.has_value() ||
      DigitsOf(words[2]) != words[2].size()) {
    return absl::InvalidArgumentError(
        "{{zipf}} needs how many numbers and how steeply they fall: {{zipf "
        "1000 0.99}}");
  }
  if (*n < 1 || *n > kMost) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{zipf}} gives 1 to 2^53 numbers, got ", words[1]));
  }
  if (s->value > kSteepest) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{zipf}} falls by 0 to 10, got ", words[2]));
  }
  return std::make_shared<Zipf>(static_cast<std::uint64_t>(*n), s->value);
}

MadeData MakeFile(const TemplateWords& words) {
  if (words.size() != 3) {
    return absl::InvalidArgumentError(
        "{{file}} needs a size and a kind: {{file 1MB pdf}}");
  }
  ASSIGN_OR_RETURN(const std::size_t size, SizeOf(words));
  MadeData maker = MakeFileData(size, words[2]);
  if (!maker.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{file}}: ", std::string(maker.status().message())));
  }
  return maker;
}

MadeData MakeCsv(const TemplateWords& words, const Supplied* supplied) {
  if (words.size() != 3) {
    return absl::InvalidArgumentError(
        "{{csv}} needs a file and a column: {{csv users.csv id}}");
  }
  if (supplied == nullptr) return nullptr;
  const auto& tables = supplied->tables;
  const auto table = tables.find(words[1]);
  if (table == tables.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{csv ", words[1],
                     "}}: there is no such file beside the "
                     "suite"));
  }
  RETURN_IF_ERROR(table->second.status());
  ASSIGN_OR_RETURN(CsvTable::Column column, table->second->Find(words[2]));
  return std::make_shared<CsvColumn>(std::move(column));
}

}  // namespace perfrig::suites
