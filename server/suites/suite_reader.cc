#include "server/suites/suite_reader.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/behavior/reader.h"
#include "common/strings/nearest.h"
#include "common/yaml/map.h"
#include "common/yaml/repeated_keys.h"
#include "common/yaml/values.h"
#include "server/suites/call_reader.h"
#include "server/suites/limits.h"
#include "server/suites/load_reader.h"
#include "server/suites/target_reader.h"

namespace perfrig::suites {
namespace {

template <typename Entries>
void AddTexts(const std::vector<std::string>& texts, Entries& entries) {
  for (const std::string& text : texts) *entries.Add() = text;
}

v1::Defaults ReadDefaults(const yaml::Node& node, const std::string& field,
                          yaml::ProblemLog& log) {
  yaml::Map map(node, field, log);
  v1::Defaults defaults;
  if (auto time = map.Time("deadline")) *defaults.mutable_deadline() = *time;
  ReadMetadata(map, log, *defaults.mutable_metadata());
  if (auto time = map.Time("warmup")) *defaults.mutable_warmup() = *time;
  if (auto rounds = map.Count("rounds", 1, kMostRounds)) {
    defaults.set_rounds(static_cast<std::uint32_t>(*rounds));
  }
  if (auto time = map.Time("time_limit")) {
    *defaults.mutable_time_limit() = *time;
  }
  map.Finish();
  return defaults;
}

void ReadWeight(yaml::Map& map, yaml::ProblemLog& log, v1::Call& call) {
  const auto weight = map.Number("weight");
  if (!weight) return;
  call.set_weight(*weight);
  // 0 would read as absent.
  if (*weight == 0) {
    log.Add(map.FieldOf("weight"), "must be > 0 and <= 1,000,000, got 0");
  }
}

// The items of `steps` or `mix`, which are calls with a name.
template <typename Calls>
void ReadCallList(const yaml::Node& node, const std::string& field, bool mix,
                  yaml::ProblemLog& log, Calls& calls) {
  if (node.kind != yaml::Node::Kind::kSequence) {
    log.Add(node, field,
            absl::StrCat("must be a list of calls, got ", yaml::Shown(node)));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    yaml::Map step(node.items[i], yaml::Join(field, i), log);
    v1::Call call;
    if (auto name = step.Text("name")) call.set_name(*name);
    call.MergeFrom(ReadCall(step, log));
    if (mix) ReadWeight(step, log, call);
    step.Finish();
    *calls.Add() = std::move(call);
  }
}

// The calls and the load of a test or of a group, which are written alike.
template <typename Population>
void ReadCalls(yaml::Map& map, yaml::ProblemLog& log, Population& population) {
  v1::Call call = ReadCall(map, log);
  const yaml::Node* steps = map.Find("steps");
  const yaml::Node* mix = map.Find("mix");
  const bool is_one_call = call.ByteSizeLong() > 0;
  const char* list = steps != nullptr ? "steps" : "mix";
  if (steps != nullptr && mix != nullptr) {
    log.Add(map.FieldOf("mix"), "must not stand beside steps");
  } else if (steps == nullptr && mix == nullptr) {
    if (is_one_call) *population.add_calls() = std::move(call);
  } else if (is_one_call) {
    log.Add(map.FieldOf(list), absl::StrCat("a test has either one call of "
                                            "its own or ",
                                            list));
  }
  if (steps != nullptr) {
    ReadCallList(*steps, map.FieldOf("steps"), /*mix=*/false, log,
                 *population.mutable_calls());
  } else if (mix != nullptr) {
    population.set_mix(true);
    ReadCallList(*mix, map.FieldOf("mix"), /*mix=*/true, log,
                 *population.mutable_calls());
  }
  if (const yaml::Node* load = map.Find("load")) {
    *population.mutable_load() = ReadLoad(*load, map.FieldOf("load"), log);
  }
}

class TestReader {
 public:
  TestReader(const yaml::Node& node, const std::string& field,
             yaml::ProblemLog& log)
      : map_(node, field, log), field_(field), log_(log) {}

  v1::Test Read() && {
    if (auto doc = map_.Text("doc")) test_.set_doc(*doc);
    AddTexts(map_.Texts("tags"), *test_.mutable_tags());
    ReadTargets(map_, log_, *test_.mutable_targets());
    AddTexts(map_.Texts("needs"), *test_.mutable_needs());
    ReadCalls(map_, log_, test_);
    ReadGroups();
    ReadTimes();
    ReadProfile();
    AddTexts(map_.Texts("expect"), *test_.mutable_expect());
    AddTexts(map_.Texts("show"), *test_.mutable_show());
    AddTexts(map_.Texts("abort_on_fail"), *test_.mutable_abort_on_fail());
    ReadActions("before", *test_.mutable_before());
    ReadActions("after", *test_.mutable_after());
    map_.Finish();
    return std::move(test_);
  }

 private:
  using Actions = google::protobuf::RepeatedPtrField<v1::Action>;

  void ReadGroups() {
    const yaml::Node* groups = map_.Find("groups");
    if (groups == nullptr) return;
    const std::string field = map_.FieldOf("groups");
    const yaml::Map named(*groups, field, log_);
    if (groups->kind == yaml::Node::Kind::kMap && groups->entries.empty()) {
      log_.Add(*groups, field, "must have at least one group");
    }
    for (const yaml::Entry& entry : groups->entries) {
      const std::string& name = entry.key.text;
      v1::Group& group = *test_.add_groups();
      group.set_name(name);
      yaml::Map map(entry.value, yaml::Join(field, name), log_);
      ReadCalls(map, log_, group);
      map.Finish();
      // What is wrong with the group as a whole is told beside its name.
      log_.Mark(yaml::Join(field, name), entry.key);
    }
  }

  void ReadTimes() {
    if (auto good = map_.Text("good")) test_.set_good(*good);
    ReadWarmup();
    if (auto rounds = map_.Count("rounds", 1, kMostRounds)) {
      test_.set_rounds(static_cast<std::uint32_t>(*rounds));
    }
    if (auto time = map_.Time("time_limit")) {
      *test_.mutable_time_limit() = *time;
    }
    if (auto time = map_.Time("grace")) *test_.mutable_grace() = *time;
    if (auto samples = map_.Count("min_samples", 0,
                                  std::numeric_limits<std::uint32_t>::max())) {
      test_.set_min_samples(static_cast<std::uint32_t>(*samples));
    }
  }

  // A time, or "auto".
  void ReadWarmup() {
    const yaml::Node* node = map_.Find("warmup");
    if (node != nullptr && node->text == "auto") {
      test_.set_warmup_auto(true);
    } else if (auto time = map_.Time("warmup")) {
      *test_.mutable_warmup() = *time;
    }
  }

  void ReadProfile() {
    const auto profile = map_.Text("profile");
    if (!profile) return;
    if (*profile == "cpu") return test_.set_profile(v1::CPU);
    log_.Add(map_.FieldOf("profile"),
             absl::StrCat("must be cpu, got \"", *profile, "\"",
                          DidYouMean(*profile, {"cpu"})));
  }

  void ReadActions(std::string_view key, Actions& actions) {
    const yaml::Node* node = map_.Find(key);
    if (node == nullptr) return;
    const std::string field = map_.FieldOf(key);
    if (node->kind == yaml::Node::Kind::kMap) {
      return ReadAction(*node, field, actions);
    }
    if (node->kind != yaml::Node::Kind::kSequence) {
      log_.Add(*node, field,
               absl::StrCat("must be a list of calls and behaviors, got ",
                            yaml::Shown(*node)));
      return;
    }
    for (const yaml::Node& item : node->items) ReadAction(item, field, actions);
  }

  // One item may become several actions: one for each target. Fields count
  // actions.
  void ReadAction(const yaml::Node& node, const std::string& field,
                  Actions& actions) {
    const auto next = [&] {
      return yaml::Join(field, static_cast<std::size_t>(actions.size()));
    };
    yaml::Map map(node, next(), log_);
    const yaml::Node* behavior = map.Find("behavior");
    if (behavior == nullptr) {
      *actions.Add()->mutable_call() = ReadCall(map, log_);
      map.Finish();
      return;
    }
    map.Finish();
    const yaml::Map targets(*behavior, map.FieldOf("behavior"), log_);
    for (const yaml::Entry& entry : behavior->entries) {
      const std::string& target = entry.key.text;
      const std::string at = yaml::Join(yaml::Join(next(), "behavior"), target);
      *actions.Add()->mutable_behavior() =
          ReadBehaviorChange(target, entry.value, at, log_);
    }
  }

  yaml::Map map_;
  const std::string field_;
  yaml::ProblemLog& log_;
  v1::Test test_;
};

void ReadTests(const yaml::Node& node, yaml::ProblemLog& log,
               v1::Suite& suite) {
  const yaml::Map map(node, "tests", log);
  yaml::RepeatedKeys fields("tests");
  for (const yaml::Entry& entry : node.entries) {
    const std::string field = fields.Next(entry.key.text);
    v1::Test test = TestReader(entry.value, field, log).Read();
    // What is wrong with the test as a whole is told beside its name.
    log.Mark(field, entry.key);
    test.set_name(entry.key.text);
    *suite.add_tests() = std::move(test);
  }
}

}  // namespace

v1::Suite ReadSuiteTree(const yaml::Node& root, yaml::ProblemLog& log) {
  yaml::Map map(root, "", log);
  v1::Suite suite;
  if (auto name = map.Text("suite")) {
    suite.set_name(absl::StrCat("suites/", *name));
  }
  if (auto title = map.Text("title")) suite.set_title(*title);
  if (auto doc = map.Text("doc")) suite.set_doc(*doc);
  AddTexts(map.Texts("tags"), *suite.mutable_tags());
  ReadTargets(map, log, *suite.mutable_targets());
  AddTexts(map.Texts("needs"), *suite.mutable_needs());
  if (const yaml::Node* defaults = map.Find("defaults")) {
    *suite.mutable_defaults() = ReadDefaults(*defaults, "defaults", log);
  }
  if (const yaml::Node* tests = map.Find("tests")) {
    ReadTests(*tests, log, suite);
  }
  map.Finish();
  return suite;
}

}  // namespace perfrig::suites
