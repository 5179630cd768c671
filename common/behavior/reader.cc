#include "common/behavior/reader.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/behavior/options.h"
#include "common/yaml/map.h"
#include "common/yaml/values.h"

namespace perfrig {
namespace {

constexpr std::uint64_t kMost32 = std::numeric_limits<std::uint32_t>::max();

v1::Delay ReadDelay(const yaml::Node& node, const std::string& field,
                    yaml::ProblemLog& log);

void ReadUniform(const yaml::Node& node, const std::string& field,
                 yaml::ProblemLog& log, v1::Delay::Uniform& uniform) {
  yaml::Map map(node, field, log);
  if (auto time = map.Time("min")) *uniform.mutable_min() = *time;
  if (auto time = map.Time("max")) *uniform.mutable_max() = *time;
  map.Finish();
}

void ReadNormal(const yaml::Node& node, const std::string& field,
                yaml::ProblemLog& log, v1::Delay::Normal& normal) {
  yaml::Map map(node, field, log);
  if (auto time = map.Time("mean")) *normal.mutable_mean() = *time;
  if (auto time = map.Time("stddev")) *normal.mutable_stddev() = *time;
  map.Finish();
}

void ReadLognormal(const yaml::Node& node, const std::string& field,
                   yaml::ProblemLog& log, v1::Delay::Lognormal& lognormal) {
  yaml::Map map(node, field, log);
  if (auto time = map.Time("median")) *lognormal.mutable_median() = *time;
  if (auto sigma = map.Number("sigma")) lognormal.set_sigma(*sigma);
  map.Finish();
}

void ReadPareto(const yaml::Node& node, const std::string& field,
                yaml::ProblemLog& log, v1::Delay::Pareto& pareto) {
  yaml::Map map(node, field, log);
  if (auto time = map.Time("scale")) *pareto.mutable_scale() = *time;
  if (auto alpha = map.Number("alpha")) pareto.set_alpha(*alpha);
  map.Finish();
}

// {0: 1ms, 0.5: 5ms, 99%: 20ms, 1: 1s}
void ReadQuantiles(const yaml::Node& node, const std::string& field,
                   yaml::ProblemLog& log, v1::Delay::Quantiles& quantiles) {
  const yaml::Map map(node, field, log);
  for (const yaml::Entry& entry : node.entries) {
    const std::string point = yaml::Join(
        field + ".points", static_cast<std::size_t>(quantiles.points_size()));
    log.Mark(point, entry.value);
    auto& added = *quantiles.add_points();
    if (const auto share = yaml::ParseShare(entry.key.text)) {
      added.set_quantile(*share);
    } else {
      log.Add(entry.key, point,
              absl::StrCat("must be a quantile such as 0.5 "
                           "or 99%, got ",
                           yaml::Shown(entry.key)));
    }
    if (const auto time = yaml::ParseTime(entry.value.text)) {
      *added.mutable_value() = *time;
    } else {
      log.Add(entry.value, point,
              absl::StrCat("must be a time such as 20ms, got ",
                           yaml::Shown(entry.value)));
    }
  }
}

void ReadMixture(const yaml::Node& node, const std::string& field,
                 yaml::ProblemLog& log, v1::Delay::Mixture& mixture) {
  if (node.kind != yaml::Node::Kind::kSequence) {
    log.Add(node, field,
            absl::StrCat("must be a list of {weight, delay}, got ",
                         yaml::Shown(node)));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    yaml::Map map(node.items[i], yaml::Join(field + ".parts", i), log);
    auto& part = *mixture.add_parts();
    if (auto weight = map.Number("weight")) part.set_weight(*weight);
    if (const yaml::Node* delay = map.Find("delay")) {
      *part.mutable_delay() = ReadDelay(*delay, map.FieldOf("delay"), log);
    }
    map.Finish();
  }
}

// A time that holds for every call, or a map of one distribution.
v1::Delay ReadDelay(const yaml::Node& node, const std::string& field,
                    yaml::ProblemLog& log) {
  v1::Delay delay;
  if (node.kind == yaml::Node::Kind::kScalar) {
    if (auto time = yaml::ParseTime(node.text)) {
      *delay.mutable_fixed() = *time;
    } else {
      log.Add(node, field,
              absl::StrCat("must be a time such as 20ms, or a distribution, "
                           "got ",
                           yaml::Shown(node)));
    }
    return delay;
  }
  yaml::Map map(node, field, log);
  if (node.entries.size() > 1) {
    log.Add(node, field, "must have one distribution, not several");
  }
  const auto read = [&](const char* key, auto reader, auto mutable_part) {
    if (const yaml::Node* part = map.Find(key)) {
      reader(*part, map.FieldOf(key), log, *(delay.*mutable_part)());
    }
  };
  if (auto time = map.Time("fixed")) *delay.mutable_fixed() = *time;
  if (auto time = map.Time("exponential")) {
    *delay.mutable_exponential() = *time;
  }
  read("uniform", ReadUniform, &v1::Delay::mutable_uniform);
  read("normal", ReadNormal, &v1::Delay::mutable_normal);
  read("lognormal", ReadLognormal, &v1::Delay::mutable_lognormal);
  read("pareto", ReadPareto, &v1::Delay::mutable_pareto);
  read("quantiles", ReadQuantiles, &v1::Delay::mutable_quantiles);
  read("mixture", ReadMixture, &v1::Delay::mutable_mixture);
  map.Finish();
  return delay;
}

void ReadFaults(const yaml::Node& node, const std::string& field,
                yaml::ProblemLog& log, v1::Behavior& behavior) {
  if (node.kind != yaml::Node::Kind::kSequence) {
    log.Add(node, field,
            absl::StrCat("must be a list of faults such as {rate: 1%, status: "
                         "UNAVAILABLE}, got ",
                         yaml::Shown(node)));
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    yaml::Map map(node.items[i], yaml::Join(field, i), log);
    v1::Fault& fault = *behavior.add_faults();
    if (auto rate = map.Share("rate")) fault.set_rate(*rate);
    const auto status = map.Text("status");
    const auto hang = map.Flag("hang");
    const auto slow = map.Time("slow");
    const auto drop = map.Flag("drop");
    if ((status ? 1 : 0) + (hang ? 1 : 0) + (slow ? 1 : 0) + (drop ? 1 : 0) >
        1) {
      log.Add(yaml::Join(field, i),
              "must have one of status, hang, slow, drop, not several");
    }
    if (status) fault.set_status(*status);
    if (hang) fault.set_hang(*hang);
    if (slow) *fault.mutable_slow() = *slow;
    if (drop) fault.set_drop(*drop);
    map.Finish();
  }
}

void ReadStall(const yaml::Node& node, const std::string& field,
               yaml::ProblemLog& log, v1::Stall& stall) {
  yaml::Map map(node, field, log);
  if (auto time = map.Time("every")) *stall.mutable_every() = *time;
  if (auto time = map.Time("duration")) *stall.mutable_duration() = *time;
  map.Finish();
}

void ReadOutage(const yaml::Node& node, const std::string& field,
                yaml::ProblemLog& log, v1::Outage& outage) {
  yaml::Map map(node, field, log);
  if (auto time = map.Time("after")) *outage.mutable_after() = *time;
  if (auto time = map.Time("duration")) *outage.mutable_duration() = *time;
  if (auto status = map.Text("status")) outage.set_status(*status);
  map.Finish();
}

void ReadNumbers(yaml::Map& map, v1::Behavior& behavior) {
  if (auto count = map.Count("capacity", 0, kMost32)) {
    behavior.set_capacity(static_cast<std::uint32_t>(*count));
  }
  if (auto count = map.Count("queue_limit", 0, kMost32)) {
    behavior.set_queue_limit(static_cast<std::uint32_t>(*count));
  }
  if (auto size = map.Size("bytes_per_second")) {
    behavior.set_bytes_per_second(*size);
  }
  if (auto factor = map.Number("load_factor")) {
    behavior.set_load_factor(*factor);
  }
  if (auto seed = map.Count("seed", 0, UINT64_MAX)) behavior.set_seed(*seed);
}

// Those that only this target has.
void ReadOptions(const std::string& target, yaml::Map& map,
                 yaml::ProblemLog& log, v1::BehaviorChange& change) {
  for (const std::string& option : OptionNames(target)) {
    const yaml::Node* const node = map.Find(option);
    if (node == nullptr) continue;
    const std::string path = absl::StrCat(target, ".", option);
    // As checks of the behavior name it.
    log.Mark(map.FieldOf(path), *node);
    const auto text = yaml::ReadText(*node, map.FieldOf(option), log);
    if (!text.has_value()) continue;
    change.mutable_update_mask()->add_paths(path);
    const absl::Status set =
        SetOption(target, option, *text, *change.mutable_behavior());
    if (!set.ok()) {
      const std::string_view message(set.message().data(),
                                     set.message().size());
      log.Add(map.FieldOf(option),
              std::string(message.substr(option.size() + 2)));
    }
  }
}

}  // namespace

v1::BehaviorChange ReadBehaviorChange(const std::string& target,
                                      const yaml::Node& node,
                                      const std::string& field,
                                      yaml::ProblemLog& log) {
  v1::BehaviorChange change;
  change.set_target(absl::StrCat("targets/", target));
  v1::Behavior& behavior = *change.mutable_behavior();
  yaml::Map map(node, field, log);
  if (const yaml::Node* delay = map.Find("delay")) {
    *behavior.mutable_delay() = ReadDelay(*delay, map.FieldOf("delay"), log);
  }
  ReadNumbers(map, behavior);
  if (const yaml::Node* faults = map.Find("faults")) {
    ReadFaults(*faults, map.FieldOf("faults"), log, behavior);
  }
  if (const yaml::Node* stall = map.Find("stall")) {
    ReadStall(*stall, map.FieldOf("stall"), log, *behavior.mutable_stall());
  }
  if (const yaml::Node* outage = map.Find("outage")) {
    ReadOutage(*outage, map.FieldOf("outage"), log, *behavior.mutable_outage());
  }
  ReadOptions(target, map, log, change);
  map.Finish();
  for (const yaml::Entry& entry : node.entries) {
    if (v1::Behavior::descriptor()->FindFieldByName(entry.key.text) !=
        nullptr) {
      change.mutable_update_mask()->add_paths(entry.key.text);
    }
  }
  return change;
}

}  // namespace perfrig
