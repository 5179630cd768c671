#include "server/suites/load_reader.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings/nearest.h"
#include "common/yaml/map.h"
#include "common/yaml/values.h"
#include "server/suites/limits.h"

namespace perfrig::suites {
namespace {

std::uint32_t Narrow(std::uint64_t count) {
  return static_cast<std::uint32_t>(count);
}

v1::Stage ReadStage(const yaml::Node& node, const std::string& field,
                    yaml::ProblemLog& log) {
  yaml::Map map(node, field, log);
  v1::Stage stage;
  const auto users = map.Count("users", 0, kMostUsers);
  // Down to nothing is a ramp, too.
  const auto rate =
      map.Number("rate", &yaml::ParseRate, "a rate such as 500/s");
  if (users && rate) {
    log.Add(field, "has users and rate; a stage sets one of them");
  } else if (users) {
    stage.set_users(Narrow(*users));
  } else if (rate) {
    stage.set_rate(*rate);
  }
  if (auto time = map.Time("duration")) *stage.mutable_duration() = *time;
  if (auto ramp = map.Flag("ramp")) stage.set_ramp(*ramp);
  map.Finish();
  return stage;
}

void ReadStages(const yaml::Node& node, const std::string& field,
                yaml::ProblemLog& log, v1::Load& load) {
  if (node.kind != yaml::Node::Kind::kSequence) {
    log.Add(node, field, "must be a list of stages");
    return;
  }
  if (node.items.empty()) log.Add(node, field, "must have at least one stage");
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    *load.add_stages() = ReadStage(node.items[i], yaml::Join(field, i), log);
  }
}

void ReadArrivals(yaml::Map& map, yaml::ProblemLog& log, v1::Load& load) {
  const auto text = map.Text("arrivals");
  if (!text) return;
  if (*text == "constant") {
    load.set_arrivals(v1::CONSTANT);
  } else if (*text == "poisson") {
    load.set_arrivals(v1::POISSON);
  } else if (*text == "gamma") {
    load.set_arrivals(v1::GAMMA);
  } else {
    log.Add(
        map.FieldOf("arrivals"),
        absl::StrCat("must be constant, poisson or gamma, got \"", *text, "\"",
                     DidYouMean(*text, {"constant", "poisson", "gamma"})));
  }
}

void ReadBurstiness(yaml::Map& map, yaml::ProblemLog& log, v1::Load& load) {
  const auto number = map.Number("burstiness");
  if (!number) return;
  load.set_burstiness(*number);
  // 0 would read as absent.
  if (*number == 0) {
    log.Add(map.FieldOf("burstiness"), "must be 0.01 to 100, got 0");
  }
}

// A number, or "per_user".
void ReadConnections(yaml::Map& map, v1::Load& load) {
  const yaml::Node* node = map.Find("connections");
  if (node == nullptr) return;
  if (node->text == "per_user") {
    load.set_connection_per_user(true);
  } else if (auto count = map.Count("connections", 1, kMostConnections)) {
    load.set_connections(Narrow(*count));
  }
}

// Bits or bytes, a second.
std::optional<double> ParseBandwidth(std::string_view text) {
  constexpr std::pair<std::string_view, double> kBits[] = {
      {"Gbit/s", 1e9}, {"Mbit/s", 1e6}, {"kbit/s", 1e3}, {"bit/s", 1}};
  for (const auto& [unit, bits] : kBits) {
    if (!text.ends_with(unit)) continue;
    const auto number =
        yaml::ParseNumberText(text.substr(0, text.size() - unit.size()));
    if (!number) return std::nullopt;
    return *number * bits / 8;
  }
  if (!text.ends_with("/s")) return std::nullopt;
  return yaml::ParseSize(text);
}

v1::Network KnownNetwork(std::int32_t milliseconds, double bits_per_second) {
  v1::Network network;
  network.mutable_latency()->set_nanos(milliseconds * 1'000'000);
  network.set_bytes_per_second(bits_per_second / 8);
  return network;
}

// A map, or the name of a network that many know.
void ReadNetwork(const yaml::Node& node, const std::string& field,
                 yaml::ProblemLog& log, v1::Network& network) {
  if (node.kind == yaml::Node::Kind::kScalar) {
    if (node.text == "3g") {
      network = KnownNetwork(400, 1.6e6);
    } else if (node.text == "4g") {
      network = KnownNetwork(50, 10e6);
    } else {
      log.Add(node, field,
              absl::StrCat("must be 3g, 4g or a map such as {latency: 400ms, "
                           "bandwidth: 1.6Mbit/s}, got ",
                           yaml::Shown(node)));
    }
    return;
  }
  yaml::Map map(node, field, log);
  if (auto time = map.Time("latency")) *network.mutable_latency() = *time;
  if (auto number = map.Number("bandwidth", &ParseBandwidth,
                               "a bandwidth such as 1.6Mbit/s or 2MB/s")) {
    network.set_bytes_per_second(*number);
    // 0 would read as absent.
    if (*number == 0) log.Add(map.FieldOf("bandwidth"), "must be > 0, got 0");
  }
  map.Finish();
}

v1::Search ReadSearch(const yaml::Node& node, const std::string& field,
                      yaml::ProblemLog& log) {
  yaml::Map map(node, field, log);
  v1::Search search;
  if (auto rate = map.Rate("from")) search.set_from(*rate);
  if (auto rate = map.Rate("to")) search.set_to(*rate);
  if (auto share = map.Share("precision")) {
    search.set_precision(*share);
    // 0 would read as absent.
    if (*share == 0) {
      log.Add(map.FieldOf("precision"), "must be 0.01 to 0.5, got 0");
    }
  }
  map.Finish();
  return search;
}

}  // namespace

v1::Load ReadLoad(const yaml::Node& node, const std::string& field,
                  yaml::ProblemLog& log) {
  yaml::Map map(node, field, log);
  v1::Load load;
  if (auto count = map.Count("users", 1, kMostUsers)) {
    load.set_users(Narrow(*count));
  }
  if (auto rate = map.Rate("rate")) load.set_rate(*rate);
  if (const yaml::Node* stages = map.Find("stages")) {
    ReadStages(*stages, map.FieldOf("stages"), log, load);
  }
  if (const yaml::Node* search = map.Find("search")) {
    *load.mutable_search() = ReadSearch(*search, map.FieldOf("search"), log);
  }
  if (auto count = map.Count("burst", 1, kMostUsers)) {
    load.set_burst(Narrow(*count));
  }
  if (auto count = map.Count("sessions", 1, kMostUsers)) {
    load.set_sessions(Narrow(*count));
  }
  if (auto count = map.Count("iterations", 1, kMostIterations)) {
    load.set_iterations(*count);
  }
  if (auto count = map.Count("iterations_per_user", 1, kMostIterations)) {
    load.set_iterations_per_user(*count);
  }
  if (auto time = map.Time("duration")) *load.mutable_duration() = *time;
  if (auto time = map.Time("think")) *load.mutable_think() = *time;
  ReadArrivals(map, log, load);
  ReadBurstiness(map, log, load);
  if (auto count = map.Count("max_in_flight", 1, kMostInFlight)) {
    load.set_max_in_flight(Narrow(*count));
  }
  if (auto seed = map.Count("seed", 0, UINT64_MAX)) load.set_seed(*seed);
  ReadConnections(map, load);
  if (const yaml::Node* network = map.Find("network")) {
    ReadNetwork(*network, map.FieldOf("network"), log, *load.mutable_network());
  }
  map.Finish();
  return load;
}

}  // namespace perfrig::suites
