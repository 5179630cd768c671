#include "server/targets/behavior/statistics.h"

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"

namespace perfrig::targets {
namespace {

constexpr std::array<std::string_view, kPhases> kPhaseNames = {
    "queue",   "work",  "transfer",    "gap",      "stall",    "pool_wait",
    "connect", "hold",  "first_token", "provider", "database", "object_store",
    "chat",    "cache", "render",      "parse",    "authorize"};

}  // namespace

std::string_view PhaseName(Phase phase) {
  return kPhaseNames.at(static_cast<std::size_t>(phase));
}

Nanos PhaseTimes::Sum() const {
  Nanos sum = 0;
  for (const Nanos time : times_) sum += time == kNone ? 0 : time;
  return sum;
}

std::string PhaseTimes::ToString() const {
  std::string text;
  for (std::size_t i = 0; i < kPhases; ++i) {
    const Nanos time = times_.at(i);
    if (time == kNone) continue;
    if (!text.empty()) text += ',';
    text.append(kPhaseNames.at(i)).append("=");
    absl::StrAppend(&text, time);
  }
  return text;
}

void Statistics::Finish(absl::StatusCode code, const PhaseTimes& phases) {
  --in_flight_;
  ++finished_.at(static_cast<std::size_t>(code));
  for (std::size_t i = 0; i < kPhases; ++i) {
    const std::optional<Nanos> time = phases.at(static_cast<Phase>(i));
    if (time.has_value()) phases_.at(i).Record(*time);
  }
}

void Statistics::CountFault(std::string_view kind) {
  const auto fault = faults_.find(kind);
  if (fault != faults_.end()) {
    ++fault->second;
  } else {
    faults_.emplace(kind, 1);
  }
}

void Statistics::AddFinished(const Statistics& other) {
  started_ += other.started_ - other.in_flight_;
  for (std::size_t code = 0; code < finished_.size(); ++code) {
    finished_.at(code) += other.finished_.at(code);
  }
  for (const auto& [kind, count] : other.faults_) faults_[kind] += count;
  injected_.Add(other.injected_);
  lateness_.Add(other.lateness_);
  for (std::size_t i = 0; i < kPhases; ++i) {
    phases_.at(i).Add(other.phases_.at(i));
  }
}

v1::Distribution Statistics::Times::ToProto(bool with_histogram) const {
  return histogram_.has_value() ? ToDistribution(*histogram_, with_histogram)
                                : v1::Distribution();
}

v1::TargetStatistics Statistics::ToProto(bool with_histograms) const {
  v1::TargetStatistics proto;
  for (std::size_t code = 0; code < finished_.size(); ++code) {
    if (finished_.at(code) == 0) continue;
    const std::string name(StatusName(static_cast<int>(code)));
    (*proto.mutable_finished())[name] = finished_.at(code);
  }
  proto.set_started(started_);
  proto.set_in_flight(in_flight_);
  for (const auto& [kind, count] : faults_) {
    (*proto.mutable_faults())[kind] = count;
  }
  *proto.mutable_injected() = injected_.ToProto(with_histograms);
  *proto.mutable_lateness() = lateness_.ToProto(with_histograms);
  for (std::size_t i = 0; i < kPhases; ++i) {
    if (phases_.at(i).empty()) continue;
    (*proto.mutable_phases())[std::string(kPhaseNames.at(i))] =
        phases_.at(i).ToProto(with_histograms);
  }
  return proto;
}

}  // namespace perfrig::targets
