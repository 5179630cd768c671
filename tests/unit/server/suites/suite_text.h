// Suites as text, for tests of the reader.
#ifndef PERFRIG_TESTS_UNIT_SERVER_SUITES_SUITE_TEXT_H_
#define PERFRIG_TESTS_UNIT_SERVER_SUITES_SUITE_TEXT_H_

#include <map>
#include <string>

#include "google/protobuf/text_format.h"
#include "server/suites/reader.h"

namespace perfrig::suites {

using Environment = std::map<std::string, std::string>;

inline ReadResult Read(const std::string& text,
                       const Environment& variables = {}) {
  v1::SuiteSource source;
  source.set_file_name("s.yaml");
  source.set_text(text);
  source.mutable_variables()->insert(variables.begin(), variables.end());
  return ReadSuite(source);
}

// All problems, one a line.
inline std::string ProblemsOf(const std::string& text,
                              const Environment& variables = {}) {
  return ToText(Read(text, variables).problems);
}

// A suite of one test "t" that calls Echo; `lines` come at its end. The first
// of them is line 6; each is indented by four.
inline std::string WithTest(const std::string& lines) {
  return "suite: s\n"
         "tests:\n"
         "  t:\n"
         "    call: perfrig.target.v1.Echo/Call\n"
         "    load: {users: 1, iterations: 9}\n" +
         lines;
}

// A suite of one test "t" with this load, in line 5 from column 11.
inline std::string WithLoad(const std::string& load) {
  return "suite: s\n"
         "tests:\n"
         "  t:\n"
         "    call: perfrig.target.v1.Echo/Call\n"
         "    load: " +
         load + "\n";
}

// The message in protobuf's text form; fails the test where it is none.
template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    ADD_FAILURE() << "no message: " << text;
  }
  return message;
}

}  // namespace perfrig::suites

#endif  // PERFRIG_TESTS_UNIT_SERVER_SUITES_SUITE_TEXT_H_
