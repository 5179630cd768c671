#include "common/strings/template_files.h"

#include <algorithm>

namespace perfrig {
namespace {

constexpr std::string_view kBlanks = " \t";

// The first word; taken off with the blanks before it.
std::string_view TakeWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

}  // namespace

std::vector<TemplateFile> TemplateFiles(std::string_view text) {
  std::vector<TemplateFile> files;
  int line = 1;
  std::size_t line_begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') {
      ++line;
      line_begin = at + 1;
    }
    if (!text.substr(at).starts_with("{{")) continue;
    std::string_view inside = text.substr(at + 2);
    inside = inside.substr(0, inside.find("}}"));
    if (TakeWord(inside) != "csv") continue;
    const std::string_view name = TakeWord(inside);
    const bool known = std::any_of(
        files.begin(), files.end(),
        [&](const TemplateFile& file) { return file.name == name; });
    if (name.empty() || known) continue;
    files.push_back(
        {std::string(name), line, static_cast<int>(at - line_begin) + 1});
  }
  return files;
}

}  // namespace perfrig
