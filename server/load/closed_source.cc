#include "server/load/closed_source.h"

#include <algorithm>
#include <memory>

#include "server/load/open_source.h"

namespace perfrig::load {
namespace {

// How many of the counted iterations belong to a lane: as many as its users
// would make if all users made the same number.
std::uint64_t Quota(const LoadPlan& plan, std::uint32_t lane,
                    std::uint32_t lanes) {
  const std::uint64_t each = plan.iterations / plan.users;
  const std::uint64_t rest = plan.iterations % plan.users;
  return LaneShare(plan.users, lane, lanes) * each +
         LaneShare(rest, lane, lanes);
}

}  // namespace

ClosedSource::ClosedSource(const LoadPlan& plan, std::uint32_t lane,
                           std::uint32_t lanes)
    : lane_(lane),
      lanes_(lanes),
      warmup_(plan.warmup),
      end_(plan.end),
      think_(plan.think),
      warmup_users_(plan.warmup_profile),
      users_(plan.profile),
      busy_(LaneShare(plan.users, lane, lanes)),
      next_sequence_(plan.first_sequence) {
  due_.reserve(busy_.size());
  if (plan.iterations > 0) left_ = Quota(plan, lane, lanes);
  if (plan.iterations_per_user) {
    left_of_user_.assign(busy_.size(), plan.iterations / plan.users);
  }
  NumberIterations(plan);
}

void ClosedSource::NumberIterations(const LoadPlan& plan) {
  uncounted_ = {plan.first_sequence + plan.iterations + lane_, lanes_};
  if (!left_) return;
  std::uint64_t before = 0;
  for (std::uint32_t i = 0; i < lane_; ++i) before += Quota(plan, i, lanes_);
  counted_ = {plan.first_sequence + before, 1};
}

std::uint32_t ClosedSource::ActiveAt(Nanos offset) const {
  const std::uint32_t all =
      offset < warmup_ ? warmup_users_.At(offset) : users_.At(offset - warmup_);
  return static_cast<std::uint32_t>(LaneShare(all, lane_, lanes_));
}

Nanos ClosedSource::NextChange(Nanos offset) const {
  if (offset < warmup_) {
    return std::min(warmup_, warmup_users_.NextChange(offset));
  }
  const Nanos next = users_.NextChange(offset - warmup_);
  return next == kNever ? kNever : warmup_ + next;
}

void ClosedSource::Push(Nanos at, std::uint32_t user) {
  due_.push_back({at, user});
  std::push_heap(due_.begin(), due_.end());
}

void ClosedSource::FollowProfile(Nanos now) {
  while (next_change_ <= now && next_change_ != kNever) {
    const std::uint32_t before = active_;
    active_ = std::min(ActiveAt(next_change_),
                       static_cast<std::uint32_t>(busy_.size()));
    for (std::uint32_t user = before; user < active_; ++user) {
      if (busy_[user]) continue;
      busy_[user] = true;
      Push(next_change_, user);
    }
    next_change_ = NextChange(next_change_);
  }
}

bool ClosedSource::TakeFromCount(std::uint32_t user) {
  if (!left_) return true;
  if (*left_ == 0) return false;
  if (!left_of_user_.empty()) {
    if (left_of_user_[user] == 0) return false;
    --left_of_user_[user];
  }
  --*left_;
  return true;
}

bool ClosedSource::Take(Nanos now, PlannedIteration& iteration) {
  FollowProfile(now);
  while (!due_.empty() && due_.front().at <= now) {
    const Due due = due_.front();
    std::pop_heap(due_.begin(), due_.end());
    due_.pop_back();
    const bool counted = due.at >= warmup_;
    if (due.at >= end_ || due.user >= active_ ||
        (counted && !TakeFromCount(due.user))) {
      busy_[due.user] = false;
      continue;
    }
    Sequence& sequence = counted && left_ ? counted_ : uncounted_;
    iteration = {.planned = due.at,
                 .sequence = sequence.next,
                 .user = lane_ + due.user * lanes_,
                 .affinity = due.user,
                 .counted = counted};
    sequence.next += sequence.step;
    next_sequence_ = std::max(next_sequence_, iteration.sequence + 1);
    return true;
  }
  return false;
}

Nanos ClosedSource::Next() const {
  return std::min(next_change_, due_.empty() ? kNever : due_.front().at);
}

void ClosedSource::Finish(std::uint32_t user, Nanos at) {
  Push(at + think_, (user - lane_) / lanes_);
}

bool ClosedSource::EndedByCount(Nanos now) const {
  return left_ && *left_ == 0 && now >= warmup_;
}

std::unique_ptr<IterationSource> MakeSource(const LoadPlan& plan,
                                            std::uint32_t lane,
                                            std::uint32_t lanes) {
  if (plan.closed()) return std::make_unique<ClosedSource>(plan, lane, lanes);
  return std::make_unique<OpenSource>(plan, lane, lanes);
}

}  // namespace perfrig::load
