// A YAML text as a tree that remembers where everything stood. Bounded, which
// yaml-cpp's own nodes are not: aliases are copied and counted, none can
// contain itself.
#ifndef PERFRIG_SERVER_SUITES_YAML_TREE_H_
#define PERFRIG_SERVER_SUITES_YAML_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfrig::suites {

inline constexpr std::size_t kMostYamlBytes = 1'000'000;
inline constexpr std::size_t kMostYamlDepth = 64;
inline constexpr std::size_t kMostYamlNodes = 100'000;

// 1-based; 0 where unknown.
struct YamlPlace {
  int line = 0;
  int column = 0;

  auto operator<=>(const YamlPlace&) const = default;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  YamlPlace place;
  // Of scalars: in quotes, a block or tagged !!str: text, whatever it looks
  // like.
  bool quoted = false;
  std::string text;
  std::vector<YamlNode> items;
  // In the order of the text; keys may repeat.
  std::vector<YamlEntry> entries;
};

struct YamlEntry {
  YamlNode key;
  YamlNode value;
};

struct YamlError {
  YamlPlace place;
  std::string message;
};

struct YamlTree {
  YamlNode root;
  // The first thing that is no YAML, or beyond a limit; `root` is empty then.
  std::optional<YamlError> error;
};

YamlTree ParseYaml(std::string_view text);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_YAML_TREE_H_
