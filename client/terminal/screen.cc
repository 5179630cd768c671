#include "client/terminal/screen.h"

#include <algorithm>

#include "client/terminal/text.h"

namespace perfrig {

int RowsTaken(const std::vector<int>& widths, int columns) {
  if (columns <= 0) return static_cast<int>(widths.size());
  int rows = 0;
  for (const int width : widths) {
    rows += std::max(1, (width + columns - 1) / columns);
  }
  return rows;
}

std::string Screen::Erase(int columns) const {
  const int rows = RowsTaken(drawn_, columns > 0 ? columns : columns_);
  if (rows == 0) return "";
  return "\x1b[" + std::to_string(rows) + "A\r\x1b[J";
}

void Screen::Draw(const std::vector<std::string>& lasting,
                  const std::vector<std::string>& block, int columns) {
  // One write, so that no half-drawn block is ever seen.
  std::string text = Erase(columns);
  if (!hidden_) text += "\x1b[?25l";
  hidden_ = true;
  drawn_.clear();
  columns_ = columns;
  for (const std::string& line : lasting) {
    text += line + "\n";
  }
  for (const std::string& line : block) {
    const std::string cut = CutToWidth(line, columns, "");
    drawn_.push_back(DisplayWidth(cut));
    text += cut + "\n";
  }
  out_ << text << std::flush;
}

void Screen::Clear(int columns) {
  std::string text = Erase(columns);
  drawn_.clear();
  if (hidden_) text += "\x1b[?25h";
  hidden_ = false;
  out_ << text << std::flush;
}

}  // namespace perfrig
