// Files that the data templates of a suite's text name: {{csv users.csv id}}.
#ifndef PERFRIG_COMMON_STRINGS_TEMPLATE_FILES_H_
#define PERFRIG_COMMON_STRINGS_TEMPLATE_FILES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace perfrig {

// All of them together, in bytes.
inline constexpr std::size_t kMostFileBytes = 16'000'000;

struct TemplateFile {
  std::string name;
  // Of the first place that names it, 1-based.
  int line = 0;
  int column = 0;
};

// In the order of the text, each once.
[[nodiscard]] std::vector<TemplateFile> TemplateFiles(std::string_view text);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_STRINGS_TEMPLATE_FILES_H_
