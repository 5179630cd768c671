#include "common/behavior/file.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/behavior/check.h"
#include "common/behavior/reader.h"
#include "common/strings/nearest.h"
#include "common/yaml/map.h"
#include "common/yaml/problem_log.h"
#include "common/yaml/text.h"
#include "common/yaml/tree.h"

namespace perfrig {
namespace {

using Changes = std::vector<v1::BehaviorChange>;

// "database.replicas" of the database as "replicas": as it is written.
std::string WithoutTarget(std::string field, const std::string& target) {
  if (field.starts_with(target + ".")) field.erase(0, target.size() + 1);
  return field;
}

void ReadOne(const std::string& target, const yaml::Node& node,
             const std::string& field, yaml::ProblemLog& log,
             Changes& changes) {
  const v1::BehaviorChange& change =
      changes.emplace_back(ReadBehaviorChange(target, node, field, log));
  if (node.kind == yaml::Node::Kind::kMap && node.entries.empty()) {
    log.Add(node, field, "changes nothing");
  }
  for (FieldProblem& problem : CheckBehavior(change.behavior())) {
    const std::string at =
        yaml::Join(field, WithoutTarget(problem.field, target));
    // What could not be read is not complained about twice.
    if (!log.Concerns(at)) log.Add(at, std::move(problem.message));
  }
}

// `read` adds to the changes.
BehaviorFile Read(
    const BehaviorText& text,
    const std::function<void(const yaml::Node& root, yaml::ProblemLog& log,
                             Changes& changes)>& read) {
  yaml::ProblemLog log(text.file);
  BehaviorFile file;
  yaml::Tree tree = yaml::Parse(yaml::WithoutMark(text.text));
  if (tree.error) {
    log.AddAt(tree.error->place, "", tree.error->message);
  } else if (tree.root.kind != yaml::Node::Kind::kMap) {
    log.AddAt({1, 1}, "", "must be keys with values, such as delay: 20ms");
  } else {
    yaml::Prepare(tree.root, text.variables, "", log);
    read(tree.root, log, file.changes);
  }
  file.problems = log.Take();
  return file;
}

}  // namespace

BehaviorFile ReadBehavior(const BehaviorText& text, const std::string& target) {
  return Read(
      text, [&](const yaml::Node& root, yaml::ProblemLog& log,
                Changes& changes) { ReadOne(target, root, "", log, changes); });
}

BehaviorFile ReadBehaviors(const BehaviorText& text,
                           const std::vector<std::string>& targets) {
  return Read(text, [&](const yaml::Node& root, yaml::ProblemLog& log,
                        Changes& changes) {
    if (root.entries.empty()) log.Add(root, "", "changes nothing");
    for (const yaml::Entry& entry : root.entries) {
      const std::string& name = entry.key.text;
      if (std::find(targets.begin(), targets.end(), name) != targets.end()) {
        ReadOne(name, entry.value, name, log, changes);
      } else {
        log.Add(entry.key, name,
                absl::StrCat("is no target", DidYouMean(name, targets)));
      }
    }
  });
}

}  // namespace perfrig
