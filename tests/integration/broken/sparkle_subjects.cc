// Sparkle's tests, each with its subject broken.
#include "tests/integration/broken/broken_subject.h"

namespace perfrig {

std::vector<BrokenSubject> SparkleSubjects() {
  return {
      {"each call leaves a megabyte behind",
       "sparkle/sparkle-memory.yaml",
       "leak_5_iterations",
       "call: *send\n"
       "    data: *message\n"
       "    load: { users: 50, iterations: 1000 }",
       "call: perfrig.target.v1.ObjectStore/PutObject\n"
       "    data:\n"
       "      - { header: { key: \"{{seq}}\" } }\n"
       "      - { chunk: \"{{bytes 1MB}}\" }\n"
       "    load: { users: 10, iterations: 75 }",
       {"resources.memory_growth < 100MB"},
       3},
  };
}

}  // namespace perfrig
