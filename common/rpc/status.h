// absl::Status inside, grpc::Status on the wire.
#ifndef PERFRIG_COMMON_RPC_STATUS_H_
#define PERFRIG_COMMON_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace perfrig {

// Codes are equal by number; the message is taken over, and payloads travel
// as google.rpc.Status in `grpc-status-details-bin`.
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_RPC_STATUS_H_
