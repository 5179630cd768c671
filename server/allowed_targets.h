// Where load may go: what the operator wrote after --allow-target.
#ifndef PERFRIG_SERVER_ALLOWED_TARGETS_H_
#define PERFRIG_SERVER_ALLOWED_TARGETS_H_

#include <netinet/in.h>

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "server/address.h"

namespace perfrig {

// A rule is "self" (this daemon's own mock targets), "spawn" (processes that
// it starts), "loopback", a network ("10.0.0.0/8"), or a name, glob or
// address, each with a port or without. INVALID_ARGUMENT where it is none.
absl::Status CheckAllowedTarget(std::string_view rule);

// Thread-safe.
class AllowedTargets {
 public:
  // As ResolveName.
  using Resolver = std::function<absl::StatusOr<std::vector<in6_addr>>(
      const std::string& host, Nanos deadline, const std::stop_token& stop)>;

  // The rules have passed CheckAllowedTarget.
  explicit AllowedTargets(std::vector<std::string> rules,
                          Resolver resolver = ResolveName);

  // Whether load may go to the daemon's own targets.
  absl::Status AdmitSelf() const;
  // Whether load may go to processes that the daemon spawns.
  absl::Status AdmitSpawn() const;
  // The address to call: "host:port" or "unix:path". A name that only its
  // addresses allow comes back as one of them, so that it cannot lead
  // elsewhere later. PERMISSION_DENIED names the flag and the host;
  // INVALID_ARGUMENT where `target` is no address. May block until
  // `deadline`; CANCELLED soon after `stop` is requested.
  absl::StatusOr<std::string> Admit(std::string_view target, Nanos deadline,
                                    const std::stop_token& stop) const;

  const std::vector<std::string>& rules() const { return rules_; }

 private:
  bool Has(std::string_view rule) const;
  bool AllowsName(const HostPort& target) const;
  bool AllowsAddress(const in6_addr& address) const;
  // `unresolved`: why nothing is known of its addresses, if so.
  absl::Status Denied(std::string_view target, std::string_view host,
                      absl::string_view unresolved = "") const;

  const std::vector<std::string> rules_;
  const Resolver resolver_;
};

}  // namespace perfrig

#endif  // PERFRIG_SERVER_ALLOWED_TARGETS_H_
