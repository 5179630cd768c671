#include "server/load/arrivals.h"

#include <utility>

namespace perfrig::load {

Arrivals::Arrivals(ArrivalsOptions options)
    : options_(std::move(options)),
      inverse_(options_.profile),
      random_(options_.seed),
      gamma_(1 / options_.burstiness, options_.burstiness) {}

Nanos Arrivals::Next() {
  if (options_.limit != 0 && drawn_ == options_.limit) return kNever;
  const std::uint64_t number = drawn_++;
  if (options_.at_once) return 0;
  switch (options_.kind) {
    case v1::POISSON:
      position_ += exponential_(random_);
      break;
    case v1::GAMMA:
      position_ += gamma_(random_);
      break;
    default:
      // Not a sum of ones, so that it stays exact.
      position_ = static_cast<double>(number);
      break;
  }
  return inverse_.At(position_);
}

ArrivalSlice::ArrivalSlice(Arrivals arrivals, std::uint32_t lane,
                           std::uint32_t lanes)
    : arrivals_(std::move(arrivals)), lanes_(lanes) {
  DrawTo(lane);
}

void ArrivalSlice::Advance() {
  if (offset_ != kNever) DrawTo(index_ + lanes_);
}

void ArrivalSlice::DrawTo(std::uint64_t index) {
  while (total_ <= index) {
    offset_ = arrivals_.Next();
    if (offset_ == kNever) return;
    ++total_;
  }
  index_ = index;
}

}  // namespace perfrig::load
