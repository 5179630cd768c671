// A YAML text as a tree that remembers where everything stood. Bounded, which
// yaml-cpp's own nodes are not: aliases are copied and counted, none can
// contain itself.
#ifndef PERFRIG_COMMON_YAML_TREE_H_
#define PERFRIG_COMMON_YAML_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perfrig::yaml {

inline constexpr std::size_t kMostBytes = 1'000'000;
inline constexpr std::size_t kMostDepth = 64;
inline constexpr std::size_t kMostNodes = 100'000;

// 1-based; 0 where unknown.
struct Place {
  int line = 0;
  int column = 0;

  auto operator<=>(const Place&) const = default;
};

struct Entry;

struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Place place;
  // Of scalars: in quotes, a block or tagged !!str: text, whatever it looks
  // like.
  bool quoted = false;
  std::string text;
  std::vector<Node> items;
  // In the order of the text; keys may repeat.
  std::vector<Entry> entries;
};

struct Entry {
  Node key;
  Node value;
};

struct Error {
  Place place;
  std::string message;
};

struct Tree {
  Node root;
  // The first thing that is no YAML, or beyond a limit; `root` is empty then.
  std::optional<Error> error;
};

Tree Parse(std::string_view text);

}  // namespace perfrig::yaml

#endif  // PERFRIG_COMMON_YAML_TREE_H_
