#include "server/targets/retired_pools.h"

#include <utility>

namespace perfrig::targets {

using backends::PostgresPool;

RetiredPools::RetiredPools() : thread_([this] { Run(); }) {}

RetiredPools::~RetiredPools() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
    changed_.NotifyOne();
  }
  thread_.join();
}

std::shared_ptr<PostgresPool> RetiredPools::Share(
    std::unique_ptr<PostgresPool> pool) {
  return {pool.release(), [this](PostgresPool* last) {
            Retire(std::unique_ptr<PostgresPool>(last));
          }};
}

void RetiredPools::Retire(std::unique_ptr<PostgresPool> pool) {
  MutexLock lock(mutex_);
  pools_.push_back(std::move(pool));
  changed_.NotifyOne();
}

void RetiredPools::Run() {
  for (;;) {
    Pools pools;
    {
      MutexLock lock(mutex_);
      while (pools_.empty() && !ends_) changed_.Wait(mutex_);
      if (pools_.empty()) return;
      pools.swap(pools_);
    }
  }
}

}  // namespace perfrig::targets
