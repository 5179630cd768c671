#include "server/runs/run_order.h"

#include <random>
#include <utility>

namespace perfrig::runs {

std::vector<Turn> OrderOf(const std::vector<SelectedSuite>& selected,
                          std::uint64_t shuffle_seed) {
  std::vector<Turn> order;
  for (const SelectedSuite& chosen : selected) {
    for (const v1::Test& test : chosen.suite.tests()) {
      order.push_back({&chosen, &test});
    }
  }
  if (shuffle_seed == 0) return order;
  // By hand, since std::shuffle draws as it likes: a seed means the same order
  // wherever the daemon was built.
  std::mt19937_64 random(shuffle_seed);
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[random() % left]);
  }
  return order;
}

}  // namespace perfrig::runs
