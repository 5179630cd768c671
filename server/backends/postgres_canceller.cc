#include "server/backends/postgres_canceller.h"

#include <array>

namespace perfrig::backends {

PostgresCanceller::PostgresCanceller() : thread_([this] { Run(); }) {}

PostgresCanceller::~PostgresCanceller() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
    changed_.NotifyOne();
  }
  thread_.join();
}

void PostgresCanceller::Send(PostgresCancel cancel, Done done) {
  MutexLock lock(mutex_);
  waiting_.emplace_back(std::move(cancel), std::move(done));
  changed_.NotifyOne();
}

void PostgresCanceller::Run() {
  while (true) {
    std::pair<PostgresCancel, Done> next;
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !ends_) changed_.Wait(mutex_);
      if (ends_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    // Where it fails the statement ends by itself, at its timeout at the
    // latest.
    std::array<char, 256> error{};
    PQcancel(next.first.get(), error.data(), static_cast<int>(error.size()));
    next.second();
  }
}

}  // namespace perfrig::backends
