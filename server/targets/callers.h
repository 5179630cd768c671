// Who calls the Ingest target: tokens, made and checked with a key of its own.
#ifndef PERFRIG_SERVER_TARGETS_CALLERS_H_
#define PERFRIG_SERVER_TARGETS_CALLERS_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "perfrig/target/v1/ingest.pb.h"
#include "server/targets/script/answers.h"
#include "server/targets/script/scope.h"
#include "server/targets/script/task.h"
#include "server/tokens/signer.h"
#include "server/tokens/verifier.h"

namespace perfrig::targets {

struct Caller {
  std::string subject;
  google::protobuf::Timestamp expire_time;
};

// Thread-safe. The key is made when this is; who comes before it is there waits
// for it.
class Callers {
 public:
  // `clock` outlives this.
  explicit Callers(const Clock& clock);

  void SetClockSkew(absl::Duration skew);

  // Whose the token is; UNAUTHENTICATED with the reason. `token` outlives the
  // task.
  Task<absl::StatusOr<Caller>> Check(Scope& scope, std::string_view token);
  // Signs on the thread of the key. Arguments outlive the task.
  Task<absl::Status> Issue(Scope& scope,
                           const target::v1::IssueTokenRequest& request,
                           target::v1::IssueTokenResponse& response);

  // The public key, once it is there.
  void Describe(google::protobuf::Struct& state) const;

 private:
  // For the clock skew of now; the key is there.
  std::shared_ptr<const tokens::TokenVerifier> Verifier();

  const Clock& clock_;
  Answers answers_;
  // Its thread ends before what its work touches.
  tokens::PendingSigner signer_;

  Mutex mutex_;
  absl::Duration skew_ PERFRIG_GUARDED_BY(mutex_);
  // Null: to be made. Shared, since a check goes on while it is replaced.
  std::shared_ptr<const tokens::TokenVerifier> verifier_
      PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CALLERS_H_
