#include "client/views/target_text.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/terminal/text.h"
#include "client/views/behavior_text.h"
#include "client/views/report.h"
#include "client/views/test_table.h"

namespace perfrig {
namespace {

std::string Pair(const v1::Distribution& distribution, Style style) {
  const auto sample = [&](std::uint64_t nanos) {
    return Sample(distribution, static_cast<double>(nanos), style);
  };
  return absl::StrCat("p50 ", sample(distribution.p50_ns()), "  p99 ",
                      sample(distribution.p99_ns()));
}

template <typename Map>
std::string Counts(const Map& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] :
       std::map<std::string, std::uint64_t>(counts.begin(), counts.end())) {
    parts.push_back(absl::StrCat(name, " ", FormatCount(count)));
  }
  return parts.empty() ? "none" : absl::StrJoin(parts, ", ");
}

std::string BehaviorText(const v1::Behavior& behavior) {
  std::vector<std::string> parts;
  for (const auto& [flag, value] : BehaviorFlags(behavior)) {
    parts.push_back(absl::StrCat(flag, " ", value));
  }
  return absl::StrJoin(parts, "  ");
}

std::uint64_t Finished(const v1::Target& target) {
  std::uint64_t sum = 0;
  for (const auto& [status, count] : target.statistics().finished()) {
    sum += count;
  }
  return sum;
}

// The names with the smallest numbers first.
std::string LeastFirst(const google::protobuf::Struct& numbers) {
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto& [name, value] : numbers.fields()) {
    sorted.emplace_back(value.number_value(), name);
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string> parts;
  for (const auto& [number, name] : sorted) {
    parts.push_back(absl::StrCat(Printable(name), " ", FormatNumber(number)));
  }
  return parts.empty() ? "none" : absl::StrJoin(parts, ", ");
}

std::string StateValue(const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kNumberValue:
      return FormatNumber(value.number_value());
    case google::protobuf::Value::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case google::protobuf::Value::kStringValue:
      return Printable(value.string_value());
    case google::protobuf::Value::kStructValue:
      return LeastFirst(value.struct_value());
    default:
      return Printable(value.ShortDebugString());
  }
}

// What only some targets have.
std::vector<std::pair<std::string, std::string>> OwnFigures(
    const v1::TargetStatistics& statistics) {
  std::vector<std::pair<std::string, std::string>> figures;
  if (statistics.has_pool()) {
    const v1::PoolStatistics& pool = statistics.pool();
    const std::string limit =
        pool.capacity() == 0
            ? ""
            : absl::StrCat(" of ", FormatCount(pool.capacity()));
    figures.emplace_back(
        "connections",
        absl::StrCat(FormatCount(pool.connections()), limit, " in use, ",
                     FormatCount(pool.waiting()), " calls waiting"));
  }
  if (statistics.has_cache()) {
    const v1::CacheStatistics& cache = statistics.cache();
    figures.emplace_back(
        "cache",
        absl::StrCat("hits ", FormatCount(cache.hits()), ", misses ",
                     FormatCount(cache.misses()), ", ",
                     FormatBytes(static_cast<double>(cache.bytes())), " kept"));
  }
  if (statistics.has_sessions_open()) {
    figures.emplace_back("sessions open",
                         FormatCount(statistics.sessions_open()));
  }
  if (statistics.has_tokens()) {
    figures.emplace_back("tokens", FormatCount(statistics.tokens()));
  }
  return figures;
}

}  // namespace

std::string RenderTargetList(const v1::ListTargetsResponse& list, Style style,
                             int columns) {
  Table table({{"target"},
               {"calls", Table::kRight},
               {"in flight", Table::kRight},
               {.title = "late by (p50, p99)", .drop = 1},
               {"behavior"}});
  for (const auto& target : list.targets()) {
    const v1::TargetStatistics& statistics = target.statistics();
    std::string behavior = BehaviorText(target.behavior());
    if (target.changed()) {
      behavior.insert(0, Paint(style, Color::kWarning, "changed: "));
    }
    table.AddRow({Paint(style, Color::kStrong, ShortName(target.name())),
                  FormatCount(statistics.started()),
                  FormatCount(statistics.in_flight()),
                  Pair(statistics.lateness(), style), behavior});
  }
  return table.Render(style, 0, columns);
}

std::string RenderTarget(const v1::Target& target, Style style) {
  std::string text = absl::StrCat(
      Paint(style, Color::kStrong, ShortName(target.name())), "  ",
      Printable(target.title()), "\n", "  ", target.service(), "\n\nbehavior",
      target.changed() ? " (changed since the last reset)" : "", "\n");
  Table behavior({{""}, {""}});
  for (const auto& [flag, value] : BehaviorFlags(target.behavior())) {
    behavior.AddRow({Paint(style, Color::kQuiet, flag), value});
  }
  for (const auto& [option, value] : BehaviorOptions(target.behavior())) {
    behavior.AddRow({Paint(style, Color::kQuiet, option), value});
  }
  text += behavior.Render(style, 2, 0);
  const v1::TargetStatistics& statistics = target.statistics();
  Table figures({{""}, {""}});
  const auto add = [&](const std::string& name, std::string value) {
    figures.AddRow({Paint(style, Color::kQuiet, name), std::move(value)});
  };
  add("started", FormatCount(statistics.started()));
  add("finished", Counts(statistics.finished()));
  add("in flight", absl::StrCat(FormatCount(statistics.in_flight()), ", ",
                                FormatCount(statistics.waiting()),
                                " of them waiting for capacity"));
  add("faults", Counts(statistics.faults()));
  add("delay asked for", Pair(statistics.injected(), style));
  add("late by", Pair(statistics.lateness(), style));
  const std::map<std::string, v1::Distribution> phases(
      statistics.phases().begin(), statistics.phases().end());
  for (const auto& [phase, distribution] : phases) {
    add("phase " + phase, Pair(distribution, style));
  }
  for (auto& [name, value] : OwnFigures(statistics)) {
    add(name, std::move(value));
  }
  const std::map<std::string, google::protobuf::Value> state(
      target.state().fields().begin(), target.state().fields().end());
  for (const auto& [name, value] : state) add(name, StateValue(value));
  return text + "\nsince the last reset\n" + figures.Render(style, 2, 0);
}

std::string TargetTick(const v1::Target& before, const v1::Target& now,
                       Style style) {
  const std::uint64_t finished = Finished(now);
  const std::uint64_t earlier = Finished(before);
  const std::uint64_t since = finished > earlier ? finished - earlier : 0;
  return absl::StrCat(ShortName(now.name()), "  ",
                      PadLeft(FormatRate(static_cast<double>(since)), 9), "  ",
                      FormatCount(now.statistics().in_flight()), " in flight  ",
                      FormatCount(now.statistics().waiting()),
                      " waiting  late by ",
                      Pair(now.statistics().lateness(), style), "  ",
                      Counts(now.statistics().finished()));
}

}  // namespace perfrig
