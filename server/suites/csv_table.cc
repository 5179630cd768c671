#include "server/suites/csv_table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "common/strings/utf8.h"

namespace perfrig::suites {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Field {
  std::string text;
  // 1-based; in bytes.
  std::size_t line = 0;
  std::size_t column = 0;
};

class Reader {
 public:
  Reader(const std::string& file, std::string_view text)
      : file_(file), text_(text) {
    if (text_.starts_with(kByteOrderMark)) {
      text_.remove_prefix(kByteOrderMark.size());
    }
  }

  // The next line that has something in it; empty at the end.
  absl::StatusOr<std::vector<Field>> Row() {
    while (TakeLineEnd()) {
    }
    std::vector<Field> row;
    if (at_ == text_.size()) return row;
    while (true) {
      ASSIGN_OR_RETURN(Field field, NextField());
      row.push_back(std::move(field));
      if (at_ == text_.size() || TakeLineEnd()) return row;
      // NextField stops at nothing else.
      ++at_;
    }
  }

  absl::Status Error(const Field& at, std::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(
        file_, ":", at.line, ":", at.column, ": ", std::string(message)));
  }

 private:
  bool TakeLineEnd() {
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with("\n") && !rest.starts_with("\r\n")) return false;
    at_ += rest.starts_with("\n") ? 1 : 2;
    NextLine();
    return true;
  }

  void NextLine() {
    ++line_;
    line_begin_ = at_;
  }

  absl::StatusOr<Field> NextField() {
    Field field;
    field.line = line_;
    field.column = at_ - line_begin_ + 1;
    if (at_ < text_.size() && text_[at_] == '"') {
      RETURN_IF_ERROR(Quoted(field));
    } else {
      std::size_t end = std::min(text_.find_first_of(",\n", at_), text_.size());
      const bool crlf = end < text_.size() && text_[end] == '\n' && end > at_ &&
                        text_[end - 1] == '\r';
      if (crlf) --end;
      field.text = std::string(text_.substr(at_, end - at_));
      at_ = end;
      if (field.text.find('"') != std::string::npos) {
        return Error(field,
                     "a field with quotes in it stands in quotes itself");
      }
    }
    if (!IsValidUtf8(field.text)) return Error(field, "is not UTF-8");
    return field;
  }

  absl::Status Quoted(Field& field) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') {
        field.text.push_back('\n');
        ++at_;
        NextLine();
        --at_;
        continue;
      }
      if (text_[at_] != '"') {
        field.text.push_back(text_[at_]);
        continue;
      }
      ++at_;
      const std::string_view rest = text_.substr(at_);
      if (!rest.starts_with("\"")) {
        if (rest.empty() || rest.starts_with(",") || rest.starts_with("\n") ||
            rest.starts_with("\r\n")) {
          return absl::OkStatus();
        }
        return Error({"", line_, at_ - line_begin_ + 1},
                     "after a closing quote comes a comma or the line's end");
      }
      field.text.push_back('"');
    }
    return Error(field, "the quote is not closed");
  }

  const std::string& file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t line_begin_ = 0;
};

}  // namespace

absl::StatusOr<CsvTable> CsvTable::Parse(std::string file,
                                         std::string_view text) {
  CsvTable table;
  table.file_ = std::move(file);
  Reader reader(table.file_, text);
  ASSIGN_OR_RETURN(const std::vector<Field> header, reader.Row());
  const Field start{"", 1, 1};
  if (header.empty()) {
    return reader.Error(start, "is empty; its first line names the columns");
  }
  for (const Field& name : header) {
    if (name.text.empty()) return reader.Error(name, "the column has no name");
    if (std::find(table.names_.begin(), table.names_.end(), name.text) !=
        table.names_.end()) {
      return reader.Error(
          name, absl::StrCat("there is a column \"", name.text, "\" already"));
    }
    table.names_.push_back(name.text);
  }
  std::vector<std::vector<std::string>> columns(header.size());
  while (true) {
    ASSIGN_OR_RETURN(std::vector<Field> row, reader.Row());
    if (row.empty()) break;
    if (row.size() != header.size()) {
      return reader.Error(row.front(),
                          absl::StrCat("must have ", header.size(),
                                       " fields, got ", row.size()));
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      columns[i].push_back(std::move(row[i].text));
    }
  }
  if (columns[0].empty()) {
    return reader.Error(start, "has no rows below the names of its columns");
  }
  for (std::vector<std::string>& column : columns) {
    table.columns_.push_back(
        std::make_shared<const std::vector<std::string>>(std::move(column)));
  }
  return table;
}

absl::StatusOr<CsvTable::Column> CsvTable::Find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) {
    return columns_[static_cast<std::size_t>(found - names_.begin())];
  }
  return absl::InvalidArgumentError(
      absl::StrCat(file_, ":1:1: has no column \"", std::string(name), "\"",
                   DidYouMean(name, names_)));
}

}  // namespace perfrig::suites
