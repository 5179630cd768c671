// What is broken where no target's behavior could be: the test's own text, so
// that its subject does more, less or something else.
#ifndef PERFRIG_TESTS_INTEGRATION_BROKEN_BROKEN_SUBJECT_H_
#define PERFRIG_TESTS_INTEGRATION_BROKEN_BROKEN_SUBJECT_H_

#include <ostream>
#include <string>
#include <vector>

namespace perfrig {

struct BrokenSubject {
  const char* what;
  // Below suites/.
  const char* file;
  const char* test;
  // In the part of the file that describes the test; the first time.
  const char* from;
  const char* to;
  // Thresholds that have to be missed.
  std::vector<std::string> missed;
  int rounds = 1;
};

inline void PrintTo(const BrokenSubject& broken, std::ostream* out) {
  *out << broken.test << ": " << broken.what;
}

std::vector<BrokenSubject> CachekitSubjects();
// Their tests need Redis.
std::vector<BrokenSubject> CachekitRedisSubjects();
std::vector<BrokenSubject> IngesterSubjects();
std::vector<BrokenSubject> SparkleSubjects();

}  // namespace perfrig

#endif  // PERFRIG_TESTS_INTEGRATION_BROKEN_BROKEN_SUBJECT_H_
