// Columns that line up.
//
//   Table table({{"test"}, {"calls", Table::kRight}});
//   table.AddRow({"quick", "12"});
//   out << table.Render(style, 2, 80);
#ifndef PERFRIG_CLIENT_TERMINAL_TABLE_H_
#define PERFRIG_CLIENT_TERMINAL_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "client/terminal/style.h"

namespace perfrig {

class Table {
 public:
  enum Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = kLeft;
  };

  explicit Table(std::vector<Column> columns);

  // As many cells as there are columns; cells may be painted.
  void AddRow(std::vector<std::string> cells);

  // Columns taken by the widest row, without indentation.
  [[nodiscard]] int Width() const;
  // Title line (unless all titles are empty) and rows, each with a newline.
  // Where that is wider than `width` (0: no limit), the first column is cut
  // down to 12 columns, then the lines.
  [[nodiscard]] std::string Render(Style style, int indent, int width) const;

 private:
  std::string Line(const std::vector<std::string>& cells,
                   const std::vector<int>& widths, Style style) const;

  std::vector<Column> columns_;
  std::vector<int> widths_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_TABLE_H_
