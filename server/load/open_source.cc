#include "server/load/open_source.h"

namespace perfrig::load {

OpenSource::OpenSource(const LoadPlan& plan, std::uint32_t lane,
                       std::uint32_t lanes)
    : warmup_(plan.warmup),
      limit_(plan.arrivals.limit),
      first_sequence_(plan.first_sequence),
      warmup_slice_(Arrivals(plan.warmup_arrivals), lane, lanes),
      slice_(Arrivals(plan.arrivals), lane, lanes),
      next_sequence_(plan.first_sequence) {}

bool OpenSource::warm() const {
  return warmup_ == 0 || warmup_slice_.offset() == kNever;
}

Nanos OpenSource::Next() const {
  if (!warm()) return warmup_slice_.offset();
  return slice_.offset() == kNever ? kNever : warmup_ + slice_.offset();
}

bool OpenSource::Take(Nanos now, PlannedIteration& iteration) {
  const Nanos planned = Next();
  if (planned > now || planned == kNever) return false;
  const bool counted = warm();
  ArrivalSlice& slice = counted ? slice_ : warmup_slice_;
  iteration.planned = planned;
  iteration.sequence = first_sequence_ + slice.index();
  // Numbers go on where the warm-up's end.
  if (counted && warmup_ > 0) iteration.sequence += warmup_slice_.total();
  iteration.user = 0;
  iteration.affinity = taken_++;
  iteration.counted = counted;
  next_sequence_ = iteration.sequence + 1;
  slice.Advance();
  return true;
}

bool OpenSource::EndedByCount(Nanos) const {
  return limit_ > 0 && warm() && slice_.offset() == kNever &&
         slice_.total() == limit_;
}

}  // namespace perfrig::load
