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
    // Where lines are too wide, the columns with 1 are left out first, then
    // those with 2, and so on; 0 stays.
    int drop = 0;
    // Where that does not help, cells are cut in the middle down to this many
    // columns; 0: never.
    int narrowest = 0;
  };

  explicit Table(std::vector<Column> columns);

  // As many cells as there are columns; cells may be painted.
  void AddRow(std::vector<std::string> cells);

  // Columns taken by the widest row, without indentation.
  [[nodiscard]] int Width() const;
  // Title line (unless all titles are empty) and rows, each with a newline.
  // Where that is wider than `width` (0: no limit), columns give way as they
  // say, then the lines are cut at their ends.
  [[nodiscard]] std::string Render(Style style, int indent, int width) const;

 private:
  // Of each column, -1 where it is left out, so that lines take `width`.
  [[nodiscard]] std::vector<int> FitTo(int width) const;
  [[nodiscard]] std::string Line(const std::vector<std::string>& cells,
                                 const std::vector<int>& widths,
                                 Style style) const;

  std::vector<Column> columns_;
  std::vector<int> widths_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_TABLE_H_
