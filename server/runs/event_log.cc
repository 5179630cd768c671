#include "server/runs/event_log.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace perfrig::runs {

void EventLog::Append(v1::RunEvent event) {
  Append(std::make_shared<v1::RunEvent>(std::move(event)));
}

void EventLog::Append(std::shared_ptr<v1::RunEvent> event) {
  std::vector<std::shared_ptr<ListenerCell>> listeners;
  {
    MutexLock lock(mutex_);
    if (!events_.empty() && events_.back()->has_finished()) return;
    event->set_sequence(++last_);
    events_.push_back(std::move(event));
    if (events_.size() > limit_) DropOne();
    for (const auto& [id, cell] : listeners_) listeners.push_back(cell);
  }
  for (const auto& cell : listeners) {
    MutexLock lock(cell->mutex);
    if (cell->listener) cell->listener();
  }
}

void EventLog::DropOne() {
  // Snapshots go first: what they showed is in the results too.
  auto victim = std::find_if(events_.begin(), events_.end(),
                             [](const Event& e) { return e->has_snapshot(); });
  if (victim == events_.end()) victim = events_.begin();
  dropped_up_to_ = std::max(dropped_up_to_, (*victim)->sequence());
  events_.erase(victim);
}

std::vector<EventLog::Event> EventLog::Read(std::uint64_t sequence,
                                            std::size_t most,
                                            bool* missed) const {
  MutexLock lock(mutex_);
  *missed = sequence < dropped_up_to_;
  if (*missed) sequence = dropped_up_to_;
  auto first = std::upper_bound(events_.begin(), events_.end(), sequence,
                                [](std::uint64_t value, const Event& event) {
                                  return value < event->sequence();
                                });
  std::vector<Event> events;
  for (; first != events_.end() && events.size() < most; ++first) {
    events.push_back(*first);
  }
  return events;
}

void EventLog::KeepLast() {
  MutexLock lock(mutex_);
  while (events_.size() > 1) {
    dropped_up_to_ = events_.front()->sequence();
    events_.pop_front();
  }
}

std::uint64_t EventLog::last_sequence() const {
  MutexLock lock(mutex_);
  return last_;
}

std::uint64_t EventLog::AddListener(Listener listener) {
  auto cell = std::make_shared<ListenerCell>();
  cell->SetListener(std::move(listener));
  MutexLock lock(mutex_);
  const std::uint64_t id = next_listener_++;
  listeners_.emplace(id, std::move(cell));
  return id;
}

void EventLog::RemoveListener(std::uint64_t id) {
  std::shared_ptr<ListenerCell> cell;
  {
    MutexLock lock(mutex_);
    const auto found = listeners_.find(id);
    if (found == listeners_.end()) return;
    cell = found->second;
    listeners_.erase(found);
  }
  // Waits for a call of the listener that is under way.
  cell->SetListener(nullptr);
}

std::size_t EventLog::listeners() const {
  MutexLock lock(mutex_);
  return listeners_.size();
}

}  // namespace perfrig::runs
