#include "server/resources/sampler.h"

#include <algorithm>
#include <utility>

namespace perfrig::resources {
namespace {

constexpr Nanos kEvery = 100 * kMillisecond;

}  // namespace

Sampler::Sampler(Clock& clock, Look look)
    : clock_(clock), look_(std::move(look)) {
  Take();
  thread_ = std::thread([this] { Run(); });
}

Sampler::~Sampler() {
  if (thread_.joinable()) Stop();
}

std::vector<Sample> Sampler::Stop() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    stopped_changed_.NotifyAll();
  }
  thread_.join();
  Take();
  return std::move(samples_);
}

void Sampler::Run() {
  Nanos due = clock_.Now() + kEvery;
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!stopped_ && clock_.Now() < due) {
        stopped_changed_.WaitUntil(mutex_, due);
      }
      if (stopped_) return;
    }
    Take();
    due = std::max(due + kEvery, clock_.Now());
  }
}

void Sampler::Take() {
  if (const auto usage = look_()) samples_.push_back({clock_.Now(), *usage});
}

}  // namespace perfrig::resources
