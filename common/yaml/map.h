// Reads the keys of a YAML map into values, and says what does not fit.
//
//   Map map(node, "tests.a.load", log);
//   if (auto users = map.Count("users", 100'000)) load.set_users(*users);
//   map.Finish();  // keys that nobody asked for
#ifndef PERFRIG_COMMON_YAML_MAP_H_
#define PERFRIG_COMMON_YAML_MAP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml/problem_log.h"
#include "common/yaml/tree.h"
#include "google/protobuf/duration.pb.h"

namespace perfrig::yaml {

class Map {
 public:
  // A node that is no map is a problem, and is read as an empty map. Both
  // arguments outlive this; `field` is the map's path.
  Map(const Node& node, std::string field, ProblemLog& log);

  // The value of a key that may be there; marks its place.
  const Node* Find(std::string_view key);
  // "tests.a.load" + "users".
  std::string FieldOf(std::string_view key) const;

  // Nothing where the key is absent, or its value is of another kind, which is
  // a problem.
  std::optional<std::string> Text(std::string_view key);
  // One text or a list of them.
  std::vector<std::string> Texts(std::string_view key);
  std::optional<google::protobuf::Duration> Time(std::string_view key);
  // A whole number, `least` to `most`.
  std::optional<std::uint64_t> Count(std::string_view key, std::uint64_t least,
                                     std::uint64_t most);
  std::optional<double> Number(std::string_view key);
  // A number in another notation: `parse` reads it, `what` tells of it.
  std::optional<double> Number(
      std::string_view key,
      std::optional<double> (*parse)(std::string_view text),
      std::string_view what);
  // > 0 a second.
  std::optional<double> Rate(std::string_view key);
  std::optional<double> Size(std::string_view key);
  std::optional<double> Share(std::string_view key);
  std::optional<bool> Flag(std::string_view key);

  // What nobody asked for so far.
  std::vector<const Entry*> Rest() const;
  // Says that a key is unknown, with the nearest of those that were asked for.
  void Refuse(const Entry& entry);
  // Refuses the rest.
  void Finish();

 private:
  template <typename Value>
  std::optional<Value> Read(
      std::string_view key, std::string_view what,
      std::optional<Value> (*parse)(std::string_view text));

  const Node& node_;
  const std::string field_;
  ProblemLog& log_;
  std::vector<std::string> asked_;
};

// Nothing where the node is no scalar, which is a problem. Marks the field.
std::optional<std::string> ReadText(const Node& node, const std::string& field,
                                    ProblemLog& log);
// Texts of a list, or the one text that stands in its place. Marks each of
// them as field[i].
std::vector<std::string> ReadTexts(const Node& node, const std::string& field,
                                   ProblemLog& log);
// "field.key"; "key" where the field is the file itself.
std::string Join(std::string_view field, std::string_view key);
// "field[i]".
std::string Join(std::string_view field, std::size_t i);

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_MAP_H_
