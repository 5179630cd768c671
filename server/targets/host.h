// The mock targets of one daemon: their services, what the API and the
// metrics see of them, and how they are told to misbehave.
//
//   SystemClock clock;
//   targets::Host host(clock, {});
//   for (grpc::Service* service : host.services()) {
//     builder.RegisterService(service);
//   }
//   …
//   host.Shutdown();
//   server->Shutdown();
#ifndef PERFRIG_SERVER_TARGETS_HOST_H_
#define PERFRIG_SERVER_TARGETS_HOST_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "perfrig/v1/behavior.pb.h"
#include "perfrig/v1/target.pb.h"
#include "server/targets/script/elsewhere.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace perfrig::targets {

class Target;

struct HostOptions {
  // Whether a call may set its own delay and fault by metadata
  // (--allow-call-overrides).
  bool allow_call_overrides = false;
  // Behavior after a reset, by the target's short name ("database"); fields
  // that are not set are the target's own.
  std::map<std::string, v1::Behavior> defaults;
  // What ObjectStore holds at most, uploads in progress included.
  std::uint64_t object_store_bytes = 256ULL << 20;
  // Real back ends, as the flags of the same names; empty: none.
  std::string redis;
  std::string postgresql;
  std::string s3;
};

// Thread-safe. Names are "targets/database" or "database"; an unknown one is
// NOT_FOUND, with the nearest known name.
class Host {
 public:
  using Options = HostOptions;

  // Of all targets, short.
  static std::vector<std::string> Names();
  // INVALID_ARGUMENT where `options` name an unknown target, a value that is
  // out of range, or a back end that cannot be; all of them at once.
  static absl::Status Check(const Options& options);

  // `options` have passed Check. `clock` is the machine's, and outlives this.
  Host(Clock& clock, Options options);
  // After the server of the services has shut down.
  ~Host();

  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // INVALID_ARGUMENT where a default needs what the options do not give: only
  // the targets know, so that Check cannot tell. Not to be served then.
  [[nodiscard]] absl::Status CheckDefaults() const;

  // Owned by this; live as long.
  [[nodiscard]] std::vector<grpc::Service*> services();

  // Snapshots, in order of names; distributions carry their buckets if
  // `with_histograms`.
  [[nodiscard]] std::vector<v1::Target> List(bool with_histograms = false);
  // The same with statistics since the start, whatever was reset, and with
  // histograms.
  [[nodiscard]] std::vector<v1::Target> Totals();
  [[nodiscard]] absl::StatusOr<v1::Target> Get(std::string_view name,
                                               bool with_histograms = false);

  // For calls that arrive from now on. Refused as a whole, with
  // INVALID_ARGUMENT that lists field, rule and value of all that is wrong.
  // Marks the target as changed if `by_hand`: a run's own changes are not.
  absl::StatusOr<v1::Target> Update(const v1::UpdateBehaviorRequest& request,
                                    bool by_hand = true);

  // Behavior as configured, state empty, statistics zero; calls that wait are
  // ended as UNAVAILABLE. "targets/-" or "-" resets all of them and returns
  // the first.
  absl::StatusOr<v1::Target> Reset(std::string_view name);

  // Ends all calls that wait, and every later one, as UNAVAILABLE. Before the
  // shutdown of the server, which would wait for them.
  void Shutdown();

 private:
  absl::StatusOr<Target*> Find(std::string_view name);

  void ResetAll();

  // Outlive the threads of the next two, which call into them.
  std::vector<std::unique_ptr<Target>> targets_;
  // Those of them that ask others.
  std::vector<Target*> askers_;
  Elsewhere elsewhere_;
  std::unique_ptr<DelayQueue> delays_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_HOST_H_
