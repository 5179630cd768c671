// A tally as the API tells it.
#ifndef PERFRIG_SERVER_LOAD_FIGURES_H_
#define PERFRIG_SERVER_LOAD_FIGURES_H_

#include <string>
#include <vector>

#include "perfrig/v1/figures.pb.h"
#include "server/load/number_summary.h"
#include "server/load/tally.h"

namespace perfrig::load {

// Distributions and observed metrics without samples are absent. `window` is
// the time that throughput speaks of; where the load ended by count, its own
// elapsed time is taken instead. `metric_names` names the observed metrics by
// number.
v1::Figures ToFigures(const Tally& tally, Nanos window, bool ends_by_count,
                      const std::vector<std::string>& metric_names,
                      bool with_histograms);

// All aggregates of plain numbers.
v1::Observed ToObserved(const NumberSummary& summary);

// Last done − first planned; 0 where nothing was planned or done.
[[nodiscard]] Nanos Elapsed(const Tally& tally);

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_FIGURES_H_
