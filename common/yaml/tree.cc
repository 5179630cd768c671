#include "common/yaml/tree.h"

#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/yaml/text.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

namespace perfrig::yaml {
namespace {

using YAML::anchor_t;
using YAML::Mark;
using Style = YAML::EmitterStyle::value;

// With all its aliases in place.
constexpr std::size_t kMostTextBytes = 4 * kMostBytes;

Place ToPlace(const Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Stops the parser: thrown by Builder, caught by Parse.
struct Refusal {
  Error error;
};

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  Node Take() { return std::move(root_); }

  void OnDocumentStart(const Mark& mark) override {
    if (++documents_ > 1)
      Refuse(mark, "a file holds one document: no second ---");
  }
  void OnDocumentEnd() override {
    if (last_quote_ && !IsQuoteClosed(text_, last_quote_->pos)) {
      Refuse(*last_quote_, "the quote that begins here is never closed");
    }
  }
  void OnAnchor(const Mark&, const std::string& name) override {
    anchor_name_ = name;
  }

  void OnNull(const Mark& mark, anchor_t anchor) override {
    Put(Begin(Node::Kind::kNull, mark, anchor), anchor);
  }

  void OnScalar(const Mark& mark, const std::string& tag, anchor_t anchor,
                const std::string& value) override {
    Node node = Begin(Node::Kind::kScalar, mark, anchor);
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    node.text = value;
    if (tag == "!") last_quote_ = mark;
    CountText(value.size());
    Put(std::move(node), anchor);
  }

  void OnAlias(const Mark& mark, anchor_t anchor) override {
    for (const Open& open : open_) {
      if (open.anchor == anchor) {
        Refuse(mark, absl::StrCat("&", names_[anchor], " contains itself"));
      }
    }
    const Node& node = anchored_[anchor];
    mark_ = mark;
    CountAll(node, open_.size());
    Put(node, YAML::NullAnchor);
  }

  void OnSequenceStart(const Mark& mark, const std::string&, anchor_t anchor,
                       Style) override {
    Descend(Node::Kind::kSequence, mark, anchor);
  }
  void OnSequenceEnd() override { Ascend(); }
  void OnMapStart(const Mark& mark, const std::string&, anchor_t anchor,
                  Style) override {
    Descend(Node::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { Ascend(); }

 private:
  // A sequence or map that has not ended yet.
  struct Open {
    Node node;
    anchor_t anchor = YAML::NullAnchor;
    // Of a map: the key whose value comes next.
    std::optional<Node> key;
  };

  [[noreturn]] static void Refuse(const Mark& mark, std::string message) {
    throw Refusal{{ToPlace(mark), std::move(message)}};
  }

  Node Begin(Node::Kind kind, const Mark& mark, anchor_t anchor) {
    mark_ = mark;
    if (anchor != YAML::NullAnchor) names_[anchor] = anchor_name_;
    CountNode(open_.size());
    Node node;
    node.kind = kind;
    node.place = ToPlace(mark);
    return node;
  }

  void Descend(Node::Kind kind, const Mark& mark, anchor_t anchor) {
    open_.push_back({Begin(kind, mark, anchor), anchor, std::nullopt});
  }

  void Ascend() {
    Open done = std::move(open_.back());
    open_.pop_back();
    Put(std::move(done.node), done.anchor);
  }

  void Put(Node node, anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchored_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key) {
      // The parser tells where the next thing stands.
      if (node.kind == Node::Kind::kNull) node.place = parent.key->place;
      parent.node.entries.push_back({*std::move(parent.key), std::move(node)});
      parent.key.reset();
    } else {
      parent.key = std::move(node);
    }
  }

  void CountNode(std::size_t depth) {
    if (depth >= kMostDepth) {
      Refuse(mark_, absl::StrCat("nested deeper than ", kMostDepth));
    }
    if (++nodes_ > kMostNodes) {
      Refuse(mark_, "has more than 100,000 values");
    }
  }

  void CountText(std::size_t bytes) {
    text_bytes_ += bytes;
    if (text_bytes_ > kMostTextBytes) {
      Refuse(mark_, "grows beyond 4 MB with its aliases in place");
    }
  }

  void CountAll(const Node& node, std::size_t depth) {
    CountNode(depth);
    CountText(node.text.size());
    for (const Node& item : node.items) CountAll(item, depth + 1);
    for (const Entry& entry : node.entries) {
      CountAll(entry.key, depth + 1);
      CountAll(entry.value, depth + 1);
    }
  }

  const std::string_view text_;
  Node root_;
  std::vector<Open> open_;
  std::map<anchor_t, Node> anchored_;
  std::map<anchor_t, std::string> names_;
  std::string anchor_name_;
  // Where the parser is.
  Mark mark_;
  std::optional<Mark> last_quote_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace

Tree Parse(std::string_view text) {
  if (auto error = CheckText(text)) return {{}, std::move(error)};
  std::istringstream stream{std::string(text)};
  Builder builder(text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refusal& refusal) {
    return {{}, refusal.error};
  } catch (const YAML::Exception& exception) {
    return {{},
            ExplainSyntaxError(text, ToPlace(exception.mark), exception.msg)};
  }
  return {builder.Take(), std::nullopt};
}

}  // namespace perfrig::yaml
