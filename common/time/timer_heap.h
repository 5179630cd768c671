// What is pending in a DelayQueue, in order of time.
#ifndef PERFRIG_COMMON_TIME_TIMER_HEAP_H_
#define PERFRIG_COMMON_TIME_TIMER_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "common/time/clock.h"

namespace perfrig {

// A binary heap whose entries know their place, so that any of them can be
// taken out in O(log n). Not thread-safe.
class TimerHeap {
 public:
  // Never 0.
  using Handle = std::uint64_t;
  using Callback = std::function<void()>;

  Handle Add(Nanos due, Callback callback);
  // Its callback, or an empty one if it is no longer here.
  Callback Remove(Handle handle);

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  // kNever if empty.
  [[nodiscard]] Nanos NextDue() const {
    return heap_.empty() ? kNever : heap_.front().due;
  }
  // The earliest; of those due at one time the one added first. Not empty.
  Callback PopFirst();

 private:
  struct Entry {
    Nanos due;
    std::uint64_t order;
    std::uint32_t slot;

    bool Before(const Entry& other) const {
      return due != other.due ? due < other.due : order < other.order;
    }
  };
  // Slots stay where they are; free ones are used again under a new
  // generation, so that an old handle finds nothing.
  struct Slot {
    Callback callback;
    std::uint32_t generation = 1;
    std::uint32_t place = 0;
    bool used = false;
  };

  Callback RemoveAt(std::size_t place);
  void Put(std::size_t place, const Entry& entry);
  void SiftUp(std::size_t place, const Entry& entry);
  void SiftDown(std::size_t place, const Entry& entry);

  std::vector<Entry> heap_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t added_ = 0;
};

}  // namespace perfrig

#endif  // PERFRIG_COMMON_TIME_TIMER_HEAP_H_
