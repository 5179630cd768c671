// Collects what is wrong with a YAML file, and where its fields stand.
#ifndef PERFRIG_COMMON_YAML_PROBLEM_LOG_H_
#define PERFRIG_COMMON_YAML_PROBLEM_LOG_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/tree.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::yaml {

// Fields are paths such as "tests.checkout.data[0].user.id".
class ProblemLog {
 public:
  // `file` as problems shall name it.
  explicit ProblemLog(std::string file) : file_(std::move(file)) {}

  // Remembers where a field stands, unless its path is longer than anybody
  // writes by hand.
  void Mark(const std::string& field, const Node& node);
  // What a field holds; null where it was never marked.
  const Node* Find(const std::string& field) const;

  // At the place of `node`.
  void Add(const Node& node, std::string field, std::string message);
  void AddAt(Place place, std::string field, std::string message);
  // At the place of the field, or of the nearest one around it.
  void Add(std::string field, std::string message);
  // As Add, of something beside a field that can be read all the same: it does
  // not concern the field.
  void AddBeside(const Node& node, std::string field, std::string message);
  // True if a problem of the field, of one around it or within it is known.
  bool Concerns(std::string_view field) const;

  // In the order of the file; if they are many, the first ones and how many
  // more there are. Leaves this empty.
  std::vector<v1::Problem> Take();

 private:
  void Keep(Place place, std::string field, std::string message);

  const std::string file_;
  // Nodes belong to the tree that is read, which outlives this.
  std::map<std::string, const Node*> marks_;
  std::vector<v1::Problem> problems_;
  // Fields that have a problem, but for those added beside them.
  std::vector<std::string> concerned_;
  // Problems beyond the most that are kept.
  std::size_t more_ = 0;
};

// "file:line:column", as much of it as is known.
std::string PlaceText(const v1::Problem& problem);
// "suite.yaml:14:9: load.rate must be > 0, got -5".
std::string ProblemText(const v1::Problem& problem);

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_PROBLEM_LOG_H_
