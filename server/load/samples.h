// Keeps the calls that are worth a closer look.
#ifndef PERFRIG_SERVER_LOAD_SAMPLES_H_
#define PERFRIG_SERVER_LOAD_SAMPLES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "server/load/generator.h"

namespace perfrig::load {

// A call that may be kept; the views need not outlive the call of Add.
struct SampledCall {
  std::uint64_t sequence = 0;
  std::size_t step = 0;
  Nanos at = 0;
  Nanos latency = 0;
  Nanos service = 0;
  int status = 0;
  std::string_view message = {};
  // The trailer as it came.
  std::string_view phases = {};
};

// The slowest calls, and the first that failed. Allocates nothing for a call
// once it is full, so that latencies that rise and rise cost nothing more.
class Samples {
 public:
  static constexpr std::size_t kKept = 10;

  // Whether the call would be kept.
  [[nodiscard]] bool WantsSlow(Nanos latency) const {
    return slowest_.size() < kKept || latency > slowest_.front().latency;
  }
  [[nodiscard]] bool WantsFailed() const { return failed_.size() < kKept; }

  void AddSlow(const SampledCall& call);
  void AddFailed(const SampledCall& call);
  void Merge(const Samples& other);

  // Slowest first; earliest first.
  [[nodiscard]] std::vector<Sample> slowest() const;
  [[nodiscard]] std::vector<Sample> failed() const;

 private:
  // `phases` is read only when it is asked for.
  struct Kept : Sample {
    std::string phases_text;
  };

  static void Fill(const SampledCall& call, Kept& kept);
  static bool Slower(const Kept& a, const Kept& b) {
    return a.latency > b.latency;
  }
  static bool Earlier(const Kept& a, const Kept& b) { return a.at < b.at; }
  static std::vector<Sample> Read(const std::vector<Kept>& all);

  // A heap with the quickest in front.
  std::vector<Kept> slowest_;
  std::vector<Kept> failed_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_SAMPLES_H_
