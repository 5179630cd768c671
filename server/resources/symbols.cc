#include "server/resources/symbols.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "server/resources/folded_stacks.h"

namespace perfrig::resources {
namespace {

// Of the program itself, which comes first.
std::uintptr_t LoadBias() {
  std::uintptr_t bias = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* result) {
        *static_cast<std::uintptr_t*>(result) = info->dlpi_addr;
        return 1;
      },
      &bias);
  return bias;
}

std::string Demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return ShortFunction(status == 0 ? text.get() : name);
}

// Parts of the program's own file: the whole would be large beside what they
// are for.
class OwnFile {
 public:
  OwnFile() : file_(kPath, std::ios::binary) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(kPath, error);
    if (!error) size_ = size;
  }

  // Empty where it would reach beyond the end.
  template <typename Entry>
  std::vector<Entry> Table(std::uint64_t offset, std::uint64_t count) {
    if (offset > size_ || count > (size_ - offset) / sizeof(Entry)) return {};
    std::vector<Entry> table(count);
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(table.data()),
               static_cast<std::streamsize>(count * sizeof(Entry)));
    if (!file_) return {};
    return table;
  }

 private:
  static constexpr char kPath[] = "/proc/self/exe";

  std::ifstream file_;
  std::uintmax_t size_ = 0;
};

}  // namespace

Symbols::Symbols() {
  OwnFile file;
  const auto header = file.Table<ElfW(Ehdr)>(0, 1);
  if (header.empty()) return;
  const auto sections =
      file.Table<ElfW(Shdr)>(header[0].e_shoff, header[0].e_shnum);
  const std::uintptr_t bias = LoadBias();
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) {
      continue;
    }
    const auto& texts = sections[section.sh_link];
    const auto names = file.Table<char>(texts.sh_offset, texts.sh_size);
    for (const auto& symbol : file.Table<ElfW(Sym)>(
             section.sh_offset, section.sh_size / sizeof(ElfW(Sym)))) {
      // The low half of a symbol's info is its type, in every width of ELF.
      if ((symbol.st_info & 0xf) != STT_FUNC || symbol.st_size == 0 ||
          symbol.st_name >= names.size()) {
        continue;
      }
      const char* name = names.data() + symbol.st_name;
      const std::size_t length = strnlen(name, names.size() - symbol.st_name);
      functions_.push_back({bias + symbol.st_value,
                            bias + symbol.st_value + symbol.st_size,
                            std::string(name, length)});
    }
  }
  std::sort(
      functions_.begin(), functions_.end(),
      [](const Function& a, const Function& b) { return a.begin < b.begin; });
}

std::string Symbols::NameOf(std::uintptr_t address) const {
  const auto after = std::upper_bound(
      functions_.begin(), functions_.end(), address,
      [](std::uintptr_t at, const Function& each) { return at < each.begin; });
  if (after != functions_.begin() && address < std::prev(after)->end) {
    return Demangled(std::prev(after)->name.c_str());
  }
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(address), &info) == 0) {
    return "unknown";
  }
  if (info.dli_sname != nullptr) return Demangled(info.dli_sname);
  std::string_view path = info.dli_fname;
  path.remove_prefix(path.rfind('/') + 1);
  std::ostringstream name;
  name << path << "+0x" << std::hex
       << address - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  return name.str();
}

}  // namespace perfrig::resources
