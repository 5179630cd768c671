// Text that stays, and below it a block that is drawn again in place.
#ifndef PERFRIG_CLIENT_TERMINAL_SCREEN_H_
#define PERFRIG_CLIENT_TERMINAL_SCREEN_H_

#include <ostream>
#include <string>
#include <vector>

namespace perfrig {

// Rows that lines of these widths take on a terminal of `columns` columns,
// which may have become narrower since they were written.
[[nodiscard]] int RowsTaken(const std::vector<int>& widths, int columns);

class Screen {
 public:
  // `out` outlives the screen. The cursor is hidden until the block is gone.
  explicit Screen(std::ostream& out) : out_(out) {}
  ~Screen() { Clear(0); }

  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Writes `lasting` where the block stood and `block` below, each of its lines
  // cut to `columns`.
  void Draw(const std::vector<std::string>& lasting,
            const std::vector<std::string>& block, int columns);
  // Takes the block away and shows the cursor again. `columns` 0: as when it
  // was drawn.
  void Clear(int columns);

 private:
  std::string Erase(int columns) const;

  std::ostream& out_;
  std::vector<int> drawn_;
  int columns_ = 80;
  bool hidden_ = false;
};

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_TERMINAL_SCREEN_H_
