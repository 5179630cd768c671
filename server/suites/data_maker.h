// What a data template draws from, where it needs more than a number.
#ifndef PERFRIG_SERVER_SUITES_DATA_MAKER_H_
#define PERFRIG_SERVER_SUITES_DATA_MAKER_H_

#include <cstdint>
#include <string>

namespace perfrig::suites {

class DataMaker {
 public:
  virtual ~DataMaker() = default;

  // Adds to `out` and advances `random`. Safe from several threads at once.
  virtual void Append(std::uint64_t sequence, std::uint64_t& random,
                      std::string& out) const = 0;
  // A text of its kind: the one with the smallest or the greatest number.
  virtual std::string Sample(bool greatest) const = 0;
  // A field of bytes takes it as it is.
  virtual bool raw() const { return false; }
  // It is no text: base64 stands for it where a text is wanted.
  virtual bool binary() const { return false; }
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_DATA_MAKER_H_
