#include "common/time/timer_heap.h"

#include <utility>

namespace perfrig {

TimerHeap::Handle TimerHeap::Add(Nanos due, Callback callback) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot.callback = std::move(callback);
  slot.used = true;
  const Entry entry{due, added_++, index};
  heap_.push_back(entry);
  SiftUp(heap_.size() - 1, entry);
  return (static_cast<Handle>(slot.generation) << 32) | index;
}

TimerHeap::Callback TimerHeap::Remove(Handle handle) {
  const auto index = static_cast<std::uint32_t>(handle);
  if (index >= slots_.size()) return nullptr;
  const Slot& slot = slots_[index];
  if (!slot.used || slot.generation != handle >> 32) return nullptr;
  return RemoveAt(slot.place);
}

TimerHeap::Callback TimerHeap::PopFirst() { return RemoveAt(0); }

TimerHeap::Callback TimerHeap::RemoveAt(std::size_t place) {
  const std::uint32_t index = heap_[place].slot;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place < heap_.size()) {
    if (place > 0 && last.Before(heap_[(place - 1) / 2])) {
      SiftUp(place, last);
    } else {
      SiftDown(place, last);
    }
  }
  Slot& slot = slots_[index];
  Callback callback = std::move(slot.callback);
  slot.callback = nullptr;
  slot.used = false;
  if (++slot.generation == 0) slot.generation = 1;
  free_.push_back(index);
  return callback;
}

void TimerHeap::Put(std::size_t place, const Entry& entry) {
  heap_[place] = entry;
  slots_[entry.slot].place = static_cast<std::uint32_t>(place);
}

void TimerHeap::SiftUp(std::size_t place, const Entry& entry) {
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!entry.Before(heap_[parent])) break;
    Put(place, heap_[parent]);
    place = parent;
  }
  Put(place, entry);
}

void TimerHeap::SiftDown(std::size_t place, const Entry& entry) {
  while (true) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].Before(heap_[child])) {
      ++child;
    }
    if (!heap_[child].Before(entry)) break;
    Put(place, heap_[child]);
    place = child;
  }
  Put(place, entry);
}

}  // namespace perfrig
