// How problems name the tests of a suite: "tests.pay", and "tests.pay#2" for
// the second one of that name, so that each mistake is told of its own test.
#ifndef PERFRIG_SERVER_SUITES_TEST_FIELDS_H_
#define PERFRIG_SERVER_SUITES_TEST_FIELDS_H_

#include <map>
#include <string>

#include "absl/strings/str_cat.h"

namespace perfrig::suites {

class TestFields {
 public:
  // The field of the next test, in the order of the suite.
  std::string Next(const std::string& name) {
    const int count = ++counts_[name];
    return count == 1 ? absl::StrCat("tests.", name)
                      : absl::StrCat("tests.", name, "#", count);
  }

 private:
  std::map<std::string, int> counts_;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TEST_FIELDS_H_
