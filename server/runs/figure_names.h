// What the load path counts by number, by the names that a test gives it.
#ifndef PERFRIG_SERVER_RUNS_FIGURE_NAMES_H_
#define PERFRIG_SERVER_RUNS_FIGURE_NAMES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "perfrig/v1/suite.pb.h"

namespace perfrig::runs {

struct FigureNames {
  struct Step {
    std::size_t group = 0;
    // That of its group where it has no figures of its own.
    std::string name;
  };

  std::vector<std::string> observed;
  // One, without a name, of a test without groups.
  std::vector<std::string> groups;
  std::vector<Step> steps;
};

FigureNames NamesOf(const v1::Test& test);

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_FIGURE_NAMES_H_
