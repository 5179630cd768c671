// How problems name what stands under one key twice: "tests.pay", and
// "tests.pay#2" for the second one, so that each mistake is told of its own.
#ifndef PERFRIG_COMMON_YAML_REPEATED_KEYS_H_
#define PERFRIG_COMMON_YAML_REPEATED_KEYS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::yaml {

class RepeatedKeys {
 public:
  // `map` is the field of the map whose keys they are.
  explicit RepeatedKeys(std::string map) : map_(std::move(map)) {}

  // The field of the next key, in the order of the file.
  std::string Next(const std::string& key) {
    const int count = ++counts_[key];
    return count == 1 ? absl::StrCat(map_, ".", key)
                      : absl::StrCat(map_, ".", key, "#", count);
  }

 private:
  const std::string map_;
  std::map<std::string, int> counts_;
};

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_REPEATED_KEYS_H_
