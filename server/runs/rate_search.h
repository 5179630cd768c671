// Looks for the highest rate that holds: doubles until one does not, halves
// the interval until it is narrow enough, and confirms what it found. Says
// what to try next and is told how it went; pure.
#ifndef PERFRIG_SERVER_RUNS_RATE_SEARCH_H_
#define PERFRIG_SERVER_RUNS_RATE_SEARCH_H_

#include <cstdint>
#include <optional>

#include "perfrig/v1/suite.pb.h"

namespace perfrig::runs {

class RateSearch {
 public:
  explicit RateSearch(const v1::Search& search);

  // Iterations a second to try; nothing once the search is over, which it is
  // after MostTries at the latest.
  [[nodiscard]] std::optional<double> next() const { return next_; }
  // Whether the rate to try held.
  void Tell(bool held);

  // What was confirmed; nothing where no rate was.
  [[nodiscard]] std::optional<double> found() const { return found_; }

 private:
  void Narrow();
  void Confirm();

  const double to_;
  const double from_;
  const double precision_;
  // Highest that held and lowest that did not, as far as there are any.
  std::optional<double> low_;
  std::optional<double> high_;
  bool confirming_ = false;
  std::uint32_t missed_confirmations_ = 0;
  std::optional<double> next_;
  std::optional<double> found_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_RATE_SEARCH_H_
