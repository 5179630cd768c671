// The runs that a daemon remembers, by name: those that wait, the one at work,
// and finished ones until they are too many or too large.
#ifndef PERFRIG_SERVER_RUNS_KEPT_RUNS_H_
#define PERFRIG_SERVER_RUNS_KEPT_RUNS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/run.pb.h"
#include "server/runs/run_record.h"

namespace perfrig::runs {

// Not thread-safe.
class KeptRuns {
 public:
  using Record = std::shared_ptr<RunRecord>;

  // Of finished runs: how many, and what they may take in memory together. The
  // newest is kept however large it is.
  KeptRuns(std::size_t most, std::size_t most_bytes)
      : most_(most), most_bytes_(most_bytes) {}

  // `record` has its run. Names ascend with time. `key` may be empty.
  void Add(const Record& record, const std::string& key);
  // "runs/x" or "x".
  absl::StatusOr<Record> Find(std::string_view name) const;
  // Null where no run has the key, and for "".
  Record FindByKey(const std::string& key) const;

  // Newest first, at most `most`, older than the run named `token` where that
  // is not empty; `more` tells whether there are older ones still.
  std::vector<std::shared_ptr<const v1::Run>> Page(const std::string& token,
                                                   std::size_t most,
                                                   bool* more) const;
  // Newest first.
  std::vector<std::shared_ptr<const v1::Run>> Finished(std::size_t most) const;
  std::size_t CountFinished() const;

  // Forgets the oldest finished runs beyond the bounds, and of all but the
  // newest the events before the last, which tells all.
  void ForgetOldest();

 private:
  using Records = std::map<std::string, Record>;

  Records::iterator Forget(Records::iterator it);

  const std::size_t most_;
  const std::size_t most_bytes_;
  Records records_;
  std::map<std::string, std::string> names_by_key_;
};

}  // namespace perfrig::runs

#endif  // PERFRIG_SERVER_RUNS_KEPT_RUNS_H_
