// Which function an address of this process belongs to.
#ifndef PERFRIG_SERVER_RESOURCES_SYMBOLS_H_
#define PERFRIG_SERVER_RESOURCES_SYMBOLS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace perfrig::resources {

class Symbols {
 public:
  // Reads the table of the program's own file, which knows functions that are
  // not exported, too; what is shared tells of itself.
  Symbols();

  // Short and demangled; "libz.so.1+0x1234" where the function is not known.
  std::string NameOf(std::uintptr_t address) const;

 private:
  struct Function {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::string name;
  };

  // By address.
  std::vector<Function> functions_;
};

}  // namespace perfrig::resources

#endif  // PERFRIG_SERVER_RESOURCES_SYMBOLS_H_
