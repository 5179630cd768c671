// A lane's share of the users of a closed load: each waits for its answer,
// thinks, and goes on.
#ifndef PERFRIG_SERVER_LOAD_CLOSED_SOURCE_H_
#define PERFRIG_SERVER_LOAD_CLOSED_SOURCE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "server/load/iteration_source.h"

namespace perfrig::load {

// User u belongs to lane u modulo lanes. Users that the load's stages send
// away finish their iteration first.
//
// The iterations that are counted take the sequence numbers from the first on
// without gaps where their number is known, those of the warm-up the numbers
// after; otherwise each lane takes every `lanes`-th number.
class ClosedSource final : public IterationSource {
 public:
  ClosedSource(const LoadPlan& plan, std::uint32_t lane, std::uint32_t lanes);

  bool Take(Nanos now, PlannedIteration& iteration) override;
  [[nodiscard]] Nanos Next() const override;
  void Finish(std::uint32_t user, Nanos at) override;
  [[nodiscard]] bool EndedByCount(Nanos now) const override;
  [[nodiscard]] std::uint32_t users() const override { return active_; }
  [[nodiscard]] std::uint64_t next_sequence() const override {
    return next_sequence_;
  }

 private:
  struct Due {
    Nanos at;
    // Number within the lane.
    std::uint32_t user;
    // Of a heap with the earliest in front.
    bool operator<(const Due& other) const { return at > other.at; }
  };
  struct Sequence {
    std::uint64_t next;
    std::uint64_t step;
  };

  // Lets users come and go as planned until `now`.
  void FollowProfile(Nanos now);
  [[nodiscard]] std::uint32_t ActiveAt(Nanos offset) const;
  [[nodiscard]] Nanos NextChange(Nanos offset) const;
  void Push(Nanos at, std::uint32_t user);
  // Whether a counted iteration of the user may start; takes it if so.
  bool TakeFromCount(std::uint32_t user);
  void NumberIterations(const LoadPlan& plan);

  const std::uint32_t lane_;
  const std::uint32_t lanes_;
  const Nanos warmup_;
  const Nanos end_;
  const Nanos think_;
  const UserCounts warmup_users_;
  const UserCounts users_;
  // Users 0 to active_ − 1 of this lane are at work.
  std::uint32_t active_ = 0;
  Nanos next_change_ = 0;
  std::vector<Due> due_;
  // By user: whether it waits in due_ or has an iteration at work.
  std::vector<bool> busy_;
  // Counted iterations that may still start; absent: no limit.
  std::optional<std::uint64_t> left_;
  // The same by user; empty: no limit.
  std::vector<std::uint64_t> left_of_user_;
  Sequence counted_{};
  Sequence uncounted_{};
  std::uint64_t next_sequence_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_CLOSED_SOURCE_H_
