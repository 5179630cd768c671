// What is remembered of the keys (tenants, users) seen most recently.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_RECENT_KEYS_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_RECENT_KEYS_H_

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace perfrig::targets {

// At most `most` keys; the one that was not asked for the longest gives way to
// a new one and is forgotten. Not thread-safe.
template <class State>
class RecentKeys {
 public:
  // `most` is at least 1.
  explicit RecentKeys(std::size_t most) : most_(most) {}

  // A new key's state is State(). Valid until the next call.
  State& Of(std::string_view key) {
    const auto found = places_.find(key);
    if (found != places_.end()) {
      order_.splice(order_.begin(), order_, found->second);
      return order_.front().second;
    }
    if (order_.size() == most_) {
      places_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, State());
    places_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  // Of all keys and their states, the most recent first.
  template <class Look>
  void ForEach(Look look) const {
    for (const auto& [key, state] : order_) look(key, state);
  }

  void Clear() {
    places_.clear();
    order_.clear();
  }
  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  using Order = std::list<std::pair<const std::string, State>>;

  const std::size_t most_;
  // Most recent first.
  Order order_;
  // Keys are those of `order_`.
  std::unordered_map<std::string_view, typename Order::iterator> places_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_RECENT_KEYS_H_
