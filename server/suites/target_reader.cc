#include "server/suites/target_reader.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/yaml/values.h"
#include "server/suites/limits.h"
#include "server/suites/test_targets.h"

namespace perfrig::suites {
namespace {

class TargetReader {
 public:
  TargetReader(std::string field, yaml::ProblemLog& log,
               google::protobuf::RepeatedPtrField<std::string>& targets)
      : field_(std::move(field)), log_(log), targets_(targets) {}

  void Read(const yaml::Node& node) {
    if (node.kind != yaml::Node::Kind::kSequence) return ReadOne(node);
    for (const yaml::Node& item : node.items) ReadOne(item);
  }

 private:
  void ReadOne(const yaml::Node& node) {
    if (node.kind == yaml::Node::Kind::kScalar) return Add(node, node.text);
    if (node.kind == yaml::Node::Kind::kMap) return ReadSpawn(node);
    log_.Add(node, Next(),
             absl::StrCat("must be a target or {spawn: COUNT}, got ",
                          yaml::Shown(node)));
  }

  void ReadSpawn(const yaml::Node& node) {
    yaml::Map map(node, Next(), log_);
    const auto count = map.Count(kSpawn, 1, kMostSpawned);
    map.Finish();
    if (!count && map.Find(kSpawn) == nullptr) {
      log_.Add(node, Next(), "must say how many, as {spawn: 4}");
    }
    for (std::uint64_t i = 0; i < count.value_or(0); ++i) {
      Add(node, std::string(kSpawn));
    }
  }

  void Add(const yaml::Node& node, const std::string& target) {
    log_.Mark(Next(), node);
    *targets_.Add() = target;
  }

  std::string Next() const {
    return yaml::Join(field_, static_cast<std::size_t>(targets_.size()));
  }

  const std::string field_;
  yaml::ProblemLog& log_;
  google::protobuf::RepeatedPtrField<std::string>& targets_;
};

}  // namespace

void ReadTargets(yaml::Map& map, yaml::ProblemLog& log,
                 google::protobuf::RepeatedPtrField<std::string>& targets) {
  const yaml::Node* node = map.Find("target");
  if (node == nullptr) return;
  TargetReader(map.FieldOf("target"), log, targets).Read(*node);
}

}  // namespace perfrig::suites
