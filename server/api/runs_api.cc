#include "server/api/runs_api.h"

#include <memory>
#include <utility>

#include "server/api/answer.h"
#include "server/api/errors.h"
#include "server/api/run_stream.h"

namespace perfrig::api {
namespace {

constexpr char kRun[] = "perfrig.v1.Run";

}  // namespace

grpc::ServerUnaryReactor* RunsApi::StartRun(
    grpc::CallbackServerContext* context, const v1::StartRunRequest* request,
    v1::Run* response) {
  return AnswerLater(
      context, workers_, [this, request] { return runs_.Start(*request); },
      response);
}

grpc::ServerUnaryReactor* RunsApi::PlanRun(grpc::CallbackServerContext* context,
                                           const v1::StartRunRequest* request,
                                           v1::Run* response) {
  return AnswerLater(
      context, workers_, [this, request] { return runs_.Plan(*request); },
      response);
}

grpc::ServerWriteReactor<v1::RunEvent>* RunsApi::WatchRun(
    grpc::CallbackServerContext* context, const v1::WatchRunRequest* request) {
  const auto stream = RunStream::Create(runs_, workers_);
  auto log = Named(runs_.Log(request->name()), kRun, request->name());
  if (log.ok()) {
    stream->Begin(request->name(), *std::move(log), request->after_sequence());
  } else {
    stream->Refuse(log.status());
  }
  return stream.get();
}

grpc::ServerWriteReactor<v1::RunEvent>* RunsApi::RunSuite(
    grpc::CallbackServerContext* context, const v1::StartRunRequest* request) {
  const auto stream = RunStream::Create(runs_, workers_);
  // The request is copied, because it goes when a cancelled stream ends.
  const absl::Status posted = workers_.Post([this, stream, request = *request] {
    const absl::StatusOr<v1::Run> run = runs_.Start(request);
    if (!run.ok()) return stream->Refuse(run.status());
    if (!request.detached()) runs_.CancelWithoutWatcher(run->name());
    auto log = runs_.Log(run->name());
    if (!log.ok()) return stream->Refuse(log.status());
    stream->Begin(run->name(), *std::move(log), 0);
  });
  if (!posted.ok()) stream->Refuse(posted);
  return stream.get();
}

grpc::ServerUnaryReactor* RunsApi::CancelRun(
    grpc::CallbackServerContext* context, const v1::CancelRunRequest* request,
    v1::Run* response) {
  return Answer(context,
                Named(runs_.Cancel(request->name(), request->reason()), kRun,
                      request->name()),
                response);
}

grpc::ServerUnaryReactor* RunsApi::GetRun(grpc::CallbackServerContext* context,
                                          const v1::GetRunRequest* request,
                                          v1::Run* response) {
  return Answer(context,
                Named(runs_.Get(request->name()), kRun, request->name()),
                response);
}

grpc::ServerUnaryReactor* RunsApi::ListRuns(
    grpc::CallbackServerContext* context, const v1::ListRunsRequest* request,
    v1::ListRunsResponse* response) {
  return Answer(context, runs_.List(*request), response);
}

}  // namespace perfrig::api
