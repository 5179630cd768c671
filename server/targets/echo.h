// The target that answers what it is sent.
#ifndef PERFRIG_SERVER_TARGETS_ECHO_H_
#define PERFRIG_SERVER_TARGETS_ECHO_H_

#include "perfrig/target/v1/echo.grpc.pb.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// Without a delay of its own. A unary call is answered where it arrives, so
// that what it takes is what gRPC and the network take.
class EchoTarget final : public Target,
                         public target::v1::Echo::CallbackService {
 public:
  explicit EchoTarget(const TargetSetup& setup);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context,
                                 const target::v1::EchoRequest* request,
                                 target::v1::EchoResponse* response) override;
  grpc::ServerReadReactor<target::v1::EchoRequest>* Collect(
      grpc::CallbackServerContext* context,
      target::v1::EchoResponse* response) override;
  grpc::ServerWriteReactor<target::v1::EchoResponse>* Expand(
      grpc::CallbackServerContext* context,
      const target::v1::EchoRequest* request) override;
  grpc::ServerBidiReactor<target::v1::EchoRequest, target::v1::EchoResponse>*
  Chat(grpc::CallbackServerContext* context) override;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_ECHO_H_
