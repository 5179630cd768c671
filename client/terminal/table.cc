#include "client/terminal/table.h"

#include <algorithm>
#include <utility>

#include "client/terminal/text.h"

namespace perfrig {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowest = 12;

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

int Table::Width() const {
  int width = kGap * (static_cast<int>(widths_.size()) - 1);
  for (const int column : widths_) width += column;
  return width;
}

std::string Table::Line(const std::vector<std::string>& cells,
                        const std::vector<int>& widths, Style style) const {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line.append(kGap, ' ');
    std::string cell =
        CutToWidth(cells[i], widths[i], SymbolsOf(style).ellipsis);
    line += columns_[i].align == kRight ? PadLeft(std::move(cell), widths[i])
                                        : PadRight(std::move(cell), widths[i]);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string Table::Render(Style style, int indent, int width) const {
  std::vector<int> widths = widths_;
  if (width > 0 && !widths.empty()) {
    const int excess = Width() + indent - width;
    const int floor = std::min(widths[0], kNarrowest);
    if (excess > 0) widths[0] = std::max(floor, widths[0] - excess);
  }
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
