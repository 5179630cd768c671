#include "client/terminal/table.h"

#include <algorithm>
#include <utility>

#include "client/terminal/text.h"

namespace perfrig {
namespace {

constexpr int kGap = 2;
constexpr int kLeftOut = -1;

int Sum(const std::vector<int>& widths) {
  int sum = -kGap;
  for (const int width : widths) {
    if (width != kLeftOut) sum += kGap + width;
  }
  return sum;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) {
    widths_.push_back(DisplayWidth(column.title));
  }
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths_[i] = std::max(widths_[i], DisplayWidth(cells[i]));
  }
  rows_.push_back(std::move(cells));
}

int Table::Width() const { return Sum(widths_); }

std::vector<int> Table::FitTo(int width) const {
  std::vector<int> widths = widths_;
  int last = 0;
  for (const Column& column : columns_) last = std::max(last, column.drop);
  for (int drop = 1; drop <= last && Sum(widths) > width; ++drop) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (columns_[i].drop == drop) widths[i] = kLeftOut;
    }
  }
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const int excess = Sum(widths) - width;
    const int narrowest = columns_[i].narrowest;
    if (excess <= 0 || narrowest == 0 || widths[i] <= narrowest) continue;
    widths[i] = std::max(narrowest, widths[i] - excess);
  }
  return widths;
}

std::string Table::Line(const std::vector<std::string>& cells,
                        const std::vector<int>& widths, Style style) const {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == kLeftOut) continue;
    if (i > 0) line.append(kGap, ' ');
    std::string cell =
        CutMiddle(cells[i], widths[i], SymbolsOf(style).ellipsis);
    line += columns_[i].align == kRight ? PadLeft(std::move(cell), widths[i])
                                        : PadRight(std::move(cell), widths[i]);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string Table::Render(Style style, int indent, int width) const {
  const std::vector<int> widths = width > 0 ? FitTo(width - indent) : widths_;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string result;
  const auto add = [&](const std::string& line) {
    result += CutToWidth(margin + line, width, SymbolsOf(style).ellipsis);
    result += '\n';
  };
  std::vector<std::string> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) titles.push_back(column.title);
  const std::string header = Line(titles, widths, style);
  if (!header.empty()) add(Paint(style, Color::kQuiet, header));
  for (const auto& row : rows_) add(Line(row, widths, style));
  return result;
}

}  // namespace perfrig
