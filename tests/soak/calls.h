// Calls of every kind to all mock targets that a daemon hosts.
#ifndef PERFRIG_TESTS_SOAK_CALLS_H_
#define PERFRIG_TESTS_SOAK_CALLS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "perfrig/v1/target.pb.h"
#include "server/drivers/driver.h"
#include "server/load/workload.h"

namespace perfrig::soak {

struct Call {
  // "targets/echo".
  std::string target;
  drivers::Request request;
};

// NOT_FOUND where a target has none: it is missing in the table. `token` is
// shown with all calls, to those who want one.
absl::StatusOr<std::vector<Call>> CallsOf(
    const std::vector<v1::Target>& targets, const std::string& token);

// What callers saw of one target.
struct Seen {
  std::uint64_t calls = 0;
  std::uint64_t ok = 0;
};

// Makes one of the calls after the other, in no order, each with a deadline of
// its own.
class Callers final : public load::WorkloadFactory {
 public:
  // `calls` outlives this.
  explicit Callers(const std::vector<Call>& calls) : calls_(calls) {}

  std::unique_ptr<load::Workload> Create(std::size_t group,
                                         std::uint64_t seed) override;

  // The rest once the round is over. By the target's name.
  [[nodiscard]] std::map<std::string, Seen> SeenByTarget() const;
  // Calls whose phases took longer than the call, and the first of them.
  [[nodiscard]] std::uint64_t overcounted() const;
  [[nodiscard]] std::string first_overcounted() const;

 private:
  class Lane;
  struct Notes {
    // By number of the call.
    std::vector<Seen> seen;
    std::uint64_t overcounted = 0;
    std::string first_overcounted;
  };

  const std::vector<Call>& calls_;
  // One a lane.
  std::vector<std::unique_ptr<Notes>> notes_;
};

}  // namespace perfrig::soak

#endif  // PERFRIG_TESTS_SOAK_CALLS_H_
