#include "server/runs/rate_search.h"

#include <algorithm>

#include "common/suites/planned_time.h"

namespace perfrig::runs {

RateSearch::RateSearch(const v1::Search& search)
    : to_(search.to()),
      from_(search.from()),
      precision_(PrecisionOf(search)),
      next_(search.from()) {}

void RateSearch::Tell(bool held) {
  const double tried = *next_;
  next_.reset();
  if (confirming_) {
    if (held) {
      found_ = tried;
    } else if (++missed_confirmations_ < kMostConfirmations) {
      low_ = std::max(from_, tried * (1 - precision_));
      next_ = low_;
    }
    return;
  }
  (held ? low_ : high_) = tried;
  // Not even the first one: there is nothing to look for below it.
  if (!low_) return;
  Narrow();
}

void RateSearch::Narrow() {
  if (!high_) {
    if (*low_ >= to_) return Confirm();
    next_ = std::min(*low_ * 2, to_);
  } else if (*high_ - *low_ <= precision_ * *low_) {
    Confirm();
  } else {
    next_ = (*low_ + *high_) / 2;
  }
}

void RateSearch::Confirm() {
  confirming_ = true;
  next_ = low_;
}

}  // namespace perfrig::runs
