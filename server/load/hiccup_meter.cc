#include "server/load/hiccup_meter.h"

#include <algorithm>

namespace perfrig::load {
namespace {

constexpr Nanos kSleep = kMillisecond;
constexpr Nanos kCell = 10 * kMillisecond;

}  // namespace

void HiccupLog::Sleep(Nanos due) {
  MutexLock lock(mutex_);
  due_ = due;
}

void HiccupLog::Wake(Nanos now) {
  MutexLock lock(mutex_);
  const Hiccup hiccup{due_, std::max<Nanos>(0, now - due_)};
  due_ = kNever;
  if (hiccup.due >= from_) histogram_.Record(hiccup.oversleep);
  if (!recent_.empty() && recent_.back().due / kCell == hiccup.due / kCell) {
    Hiccup& last = recent_.back();
    last.oversleep = std::max(last.oversleep, hiccup.oversleep);
  } else {
    recent_.push_back(hiccup);
  }
}

Nanos HiccupLog::TakeWorst(Nanos until) {
  MutexLock lock(mutex_);
  Nanos worst = due_ == kNever ? 0 : std::max<Nanos>(0, until - due_);
  while (!recent_.empty() && recent_.front().due <= until) {
    worst = std::max(worst, recent_.front().oversleep);
    recent_.pop_front();
  }
  return worst;
}

Histogram HiccupLog::histogram() const {
  MutexLock lock(mutex_);
  return histogram_;
}

HiccupMeter::HiccupMeter(Clock& clock, HiccupLog& log)
    : clock_(clock), log_(log), thread_([this] { Run(); }) {}

HiccupMeter::~HiccupMeter() {
  stopped_ = true;
  thread_.join();
}

void HiccupMeter::Run() {
  MakeTimersPrecise();
  while (!stopped_) {
    const Nanos due = clock_.Now() + kSleep;
    log_.Sleep(due);
    clock_.SleepUntil(due);
    log_.Wake(clock_.Now());
  }
}

}  // namespace perfrig::load
