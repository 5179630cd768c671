// A lane's slice of an open schedule, warm-up first.
#ifndef PERFRIG_SERVER_LOAD_OPEN_SOURCE_H_
#define PERFRIG_SERVER_LOAD_OPEN_SOURCE_H_

#include <cstdint>

#include "server/load/arrivals.h"
#include "server/load/iteration_source.h"

namespace perfrig::load {

class OpenSource final : public IterationSource {
 public:
  OpenSource(const LoadPlan& plan, std::uint32_t lane, std::uint32_t lanes);

  bool Take(Nanos now, PlannedIteration& iteration) override;
  [[nodiscard]] Nanos Next() const override;
  void Finish(std::uint32_t, Nanos) override {}
  [[nodiscard]] bool EndedByCount(Nanos now) const override;
  [[nodiscard]] std::uint32_t users() const override { return 0; }
  [[nodiscard]] std::uint64_t next_sequence() const override {
    return next_sequence_;
  }

 private:
  // Whether the warm-up's arrivals have all been taken.
  [[nodiscard]] bool warm() const;

  const Nanos warmup_;
  const std::uint64_t limit_;
  const std::uint64_t first_sequence_;
  ArrivalSlice warmup_slice_;
  ArrivalSlice slice_;
  std::uint32_t taken_ = 0;
  std::uint64_t next_sequence_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_OPEN_SOURCE_H_
