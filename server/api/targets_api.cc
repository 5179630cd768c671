#include "server/api/targets_api.h"

#include <utility>

#include "server/api/answer.h"
#include "server/api/errors.h"
#include "server/api/target_stream.h"

namespace perfrig::api {
namespace {

constexpr char kTarget[] = "perfrig.v1.Target";
// A run needs the buckets, to tell the mocks' lateness at any quantile.
constexpr bool kWithHistograms = true;

}  // namespace

grpc::ServerUnaryReactor* TargetsApi::ListTargets(
    grpc::CallbackServerContext* context, const v1::ListTargetsRequest* request,
    v1::ListTargetsResponse* response) {
  v1::ListTargetsResponse targets;
  for (v1::Target& target : host_.List(kWithHistograms)) {
    *targets.add_targets() = std::move(target);
  }
  return Answer<v1::ListTargetsResponse>(context, std::move(targets), response);
}

grpc::ServerUnaryReactor* TargetsApi::GetTarget(
    grpc::CallbackServerContext* context, const v1::GetTargetRequest* request,
    v1::Target* response) {
  return Answer(context,
                Named(host_.Get(request->name()), kTarget, request->name()),
                response);
}

grpc::ServerUnaryReactor* TargetsApi::UpdateBehavior(
    grpc::CallbackServerContext* context,
    const v1::UpdateBehaviorRequest* request, v1::Target* response) {
  return Answer(context,
                Named(host_.Update(*request), kTarget, request->name()),
                response);
}

grpc::ServerUnaryReactor* TargetsApi::ResetTarget(
    grpc::CallbackServerContext* context, const v1::ResetTargetRequest* request,
    v1::Target* response) {
  return Answer(context,
                Named(host_.Reset(request->name()), kTarget, request->name()),
                response);
}

grpc::ServerWriteReactor<v1::Target>* TargetsApi::WatchTarget(
    grpc::CallbackServerContext* context,
    const v1::WatchTargetRequest* request) {
  return TargetStream::Start(host_, clock_, delays_, request->name()).get();
}

}  // namespace perfrig::api
