#include "server/load/recorder.h"

#include <algorithm>

#include "common/strings/phases.h"

namespace perfrig::load {
namespace {

constexpr Nanos kLate = kMillisecond;
constexpr int kUnknown = 2;

std::size_t StatusIndex(int status) {
  return status >= 0 && status < kStatusCodes
             ? static_cast<std::size_t>(status)
             : static_cast<std::size_t>(kUnknown);
}

// `message` beats the outcome's own.
SampledCall ToSample(const RecordedCall& call, const drivers::Outcome& outcome,
                     Nanos round_start, std::string_view message) {
  SampledCall sample;
  sample.sequence = call.sequence;
  sample.step = call.step;
  sample.at = call.planned - round_start;
  sample.latency = outcome.done - call.planned;
  sample.service = outcome.sent == 0 ? 0 : outcome.done - outcome.sent;
  sample.status = outcome.status;
  sample.message = message.empty() ? outcome.message : message;
  if (outcome.trailers != nullptr) {
    for (const drivers::Header& trailer : *outcome.trailers) {
      if (trailer.name == kPhasesTrailer) sample.phases = trailer.value;
    }
  }
  return sample;
}

// A call is sent once, however often it is tried.
void CountSent(Nanos lag, Nanos stream_wait, Tally& tally) {
  ++tally.sent;
  tally.lag.Record(lag);
  if (lag > kLate) ++tally.late;
  tally.stream_wait.Record(stream_wait);
}

// Of an attempt, or of several.
template <typename Traffic>
void AddTraffic(const Traffic& traffic, Tally& tally) {
  tally.messages_sent += traffic.messages_sent;
  tally.messages_received += traffic.messages_received;
  tally.bytes_sent += traffic.bytes_sent;
  tally.bytes_received += traffic.bytes_received;
}

}  // namespace

void LaneSecond::Clear() {
  for (Tally& step : steps) step.Clear();
  warmup.Clear();
  elapsed = 0;
  in_flight = 0;
  users = 0;
}

void Recorder::Planned(const RecordedCall& call) {
  Tally& tally = TallyOf(call);
  ++tally.planned;
  tally.first_planned =
      std::min(tally.first_planned, call.planned - window_.round_start);
}

void Recorder::Dropped(const RecordedCall& call) { ++TallyOf(call).dropped; }

void Recorder::Refused(const RecordedCall& call, const absl::Status& status) {
  drivers::Outcome outcome;
  outcome.done = call.planned;
  outcome.status = static_cast<int>(absl::StatusCode::kInternal);
  outcome.message =
      std::string_view(status.message().data(), status.message().size());
  Tally& tally = TallyOf(call);
  ++tally.failed;
  ++tally.statuses[StatusIndex(outcome.status)];
  if (call.counted && samples_.WantsFailed()) {
    samples_.AddFailed(ToSample(call, outcome, window_.round_start, {}));
  }
}

void Recorder::RecordSent(const RecordedCall& call,
                          const drivers::Outcome& outcome, Tally& tally) {
  const EarlierAttempts* earlier = call.earlier;
  if (earlier != nullptr && earlier->sent) {
    CountSent(earlier->lag, earlier->stream_wait, tally);
    AddTraffic(*earlier, tally);
  } else if (outcome.sent != 0) {
    const Nanos planned =
        earlier == nullptr ? call.planned : call.attempt_planned;
    CountSent(outcome.sent - planned - outcome.stream_wait, outcome.stream_wait,
              tally);
  }
  if (outcome.sent != 0) AddTraffic(outcome, tally);
}

void Recorder::RecordOk(const RecordedCall& call,
                        const drivers::Outcome& outcome, bool good,
                        Tally& tally) {
  const std::uint64_t one_if_good = good ? 1 : 0;
  ++tally.ok;
  tally.good += one_if_good;
  tally.latency.Record(outcome.done - call.planned);
  if (outcome.sent != 0) tally.service.Record(outcome.done - outcome.sent);
  if (outcome.first != 0) {
    tally.first_message.Record(outcome.first - call.planned);
  }
  // Throughput is a matter of when calls end: those planned in the warm-up
  // stand for those that end after the window.
  if (outcome.done > window_.from && outcome.done <= window_.to) {
    Tally& step = second_->steps[call.step];
    ++step.ok_in_window;
    step.good_in_window += one_if_good;
  } else if (!call.counted && outcome.done <= window_.from) {
    ++tally.ok_in_window;
    tally.good_in_window += one_if_good;
  }
}

void Recorder::Done(const RecordedCall& call, const drivers::Outcome& outcome,
                    const Judgement& judgement) {
  Tally& tally = TallyOf(call);
  RecordSent(call, outcome, tally);
  ++tally.statuses[StatusIndex(outcome.status)];
  tally.latency_all.Record(outcome.done - call.planned);
  tally.last_done =
      std::max(tally.last_done, outcome.done - window_.round_start);
  if (judgement.ok) {
    RecordOk(call, outcome, judgement.good, tally);
  } else {
    ++tally.failed;
  }
  for (const Judgement::Value& value : judgement.observed) {
    tally.observed[value.metric].Record(value.value);
  }
  if (call.counted) {
    KeepIfWorthIt(call, outcome, judgement.ok, judgement.reason);
  }
}

void Recorder::KeepIfWorthIt(const RecordedCall& call,
                             const drivers::Outcome& outcome, bool ok,
                             std::string_view reason) {
  const bool slow = samples_.WantsSlow(outcome.done - call.planned);
  const bool failed = !ok && samples_.WantsFailed();
  if (!slow && !failed) return;
  const SampledCall sample =
      ToSample(call, outcome, window_.round_start, reason);
  if (failed) samples_.AddFailed(sample);
  if (slow) samples_.AddSlow(sample);
}

void Recorder::Unfinished(const RecordedCall& call,
                          const drivers::Outcome& outcome) {
  Tally& tally = TallyOf(call);
  RecordSent(call, outcome, tally);
  ++tally.failed;
  ++tally.unfinished;
  tally.last_done =
      std::max(tally.last_done, outcome.done - window_.round_start);
  if (call.counted && samples_.WantsFailed()) {
    samples_.AddFailed(ToSample(call, outcome, window_.round_start,
                                "unfinished: still in flight at the end"));
  }
}

}  // namespace perfrig::load
