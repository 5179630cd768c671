// A workload that remembers what a lane asked of it.
#ifndef PERFRIG_TESTS_SUPPORT_FAKE_WORKLOAD_H_
#define PERFRIG_TESTS_SUPPORT_FAKE_WORKLOAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/load/workload.h"

namespace perfrig {

struct FakeWorkloadOptions {
  std::size_t steps = 1;
  std::size_t metrics = 0;
  std::string path = "fake";
  // The call with this sequence number cannot be prepared.
  std::uint64_t refuse_sequence = UINT64_MAX;
  // How calls are tried again; absent: not at all.
  std::optional<load::RetryPolicy> retry = {};
  Nanos timeout = kNever;
  std::vector<std::string> messages = {"question"};
  Nanos message_interval = 0;
};

class FakeWorkload final : public load::Workload {
 public:
  explicit FakeWorkload(FakeWorkloadOptions options)
      : options_(std::move(options)) {}

  std::size_t steps() const override { return options_.steps; }
  std::size_t metrics() const override { return options_.metrics; }

  absl::Status Prepare(load::Iteration& iteration,
                       drivers::Request& request) override {
    sequences.push_back(iteration.sequence);
    users.push_back(iteration.user);
    if (iteration.sequence == options_.refuse_sequence) {
      return absl::InvalidArgumentError("cannot be made");
    }
    if (request.path.empty()) {
      ++requests_made;
      request.path = options_.path;
      request.messages = options_.messages;
      request.message_interval = options_.message_interval;
      request.wants_messages = true;
      request.timeout = options_.timeout;
    }
    return absl::OkStatus();
  }

  // OK is right; the number of bytes is observed.
  void Judge(load::Iteration&, const load::Answer& answer,
             load::Judgement& judgement) override {
    judgement.ok = answer.status == 0;
    if (options_.metrics > 0) {
      judgement.observed.push_back(
          {0, static_cast<double>(answer.message.size())});
    }
  }

  const load::RetryPolicy* Retry(const load::Iteration&) const override {
    return options_.retry ? &*options_.retry : nullptr;
  }

  // Of all calls, in the order of their start.
  std::vector<std::uint64_t> sequences;
  std::vector<std::uint32_t> users;
  // Requests that were not reused.
  std::size_t requests_made = 0;

 private:
  const FakeWorkloadOptions options_;
};

class FakeWorkloadFactory final : public load::WorkloadFactory {
 public:
  explicit FakeWorkloadFactory(FakeWorkloadOptions options = {})
      : options_(std::move(options)) {}

  std::unique_ptr<load::Workload> Create(std::size_t group,
                                         std::uint64_t seed) override {
    groups.push_back(group);
    seeds.push_back(seed);
    return std::make_unique<FakeWorkload>(options_);
  }

  // Of each workload that was made.
  std::vector<std::size_t> groups;
  std::vector<std::uint64_t> seeds;

 private:
  const FakeWorkloadOptions options_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_FAKE_WORKLOAD_H_
