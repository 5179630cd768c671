// The ingester's tests, each with its subject broken.
#include "tests/integration/broken/broken_subject.h"

namespace perfrig {

std::vector<BrokenSubject> IngesterSubjects() {
  return {
      {"each upload is kept beside those before it",
       "ingester/ingester-future.yaml",
       "memory_leak",
       "{{random 1 20}}.zip\" } }, { chunk: \"{{file 1MB zip}}\" } ]\n"
       "    messages: { chunk: 64KB }\n"
       "    load: { users: 10, iterations: 400 }",
       "{{seq}}.zip\" } }, { chunk: \"{{file 1MB zip}}\" } ]\n"
       "    messages: { chunk: 64KB }\n"
       "    load: { users: 10, iterations: 60 }",
       {"resources.memory_growth < 50MB"},
       3},
  };
}

}  // namespace perfrig
