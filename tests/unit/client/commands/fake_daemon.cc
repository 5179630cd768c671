#include "tests/unit/client/commands/fake_daemon.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/time/time.h"
#include "common/time/clock.h"

namespace perfrig {

FakeDaemon::FakeDaemon() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(static_cast<v1::Runs::Service*>(this));
  builder.RegisterService(static_cast<v1::Suites::Service*>(this));
  builder.RegisterService(static_cast<v1::Targets::Service*>(this));
  server_ = builder.BuildAndStart();
}

FakeDaemon::~FakeDaemon() {
  // Broken at once: no client of a test is left.
  server_->Shutdown(absl::ToChronoTime(SystemClock().WallTime()));
  server_->Wait();
}

std::string FakeDaemon::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void FakeDaemon::Script(StreamScript script) {
  MutexLock lock(mutex_);
  scripts_.push_back(std::move(script));
}

void FakeDaemon::Refuse(grpc::Status status) {
  MutexLock lock(mutex_);
  refusal_ = std::move(status);
}

void FakeDaemon::SetRun(v1::Run run) {
  MutexLock lock(mutex_);
  run_ = std::move(run);
}

void FakeDaemon::SetSuites(v1::ListSuitesResponse suites) {
  MutexLock lock(mutex_);
  suites_ = std::move(suites);
}

void FakeDaemon::SetProblems(v1::CheckSuiteResponse problems) {
  MutexLock lock(mutex_);
  problems_ = std::move(problems);
}

void FakeDaemon::SetTargets(v1::ListTargetsResponse targets) {
  MutexLock lock(mutex_);
  targets_ = std::move(targets);
}

void FakeDaemon::RefuseTarget(std::string name) {
  MutexLock lock(mutex_);
  refused_target_ = std::move(name);
}

std::vector<v1::StartRunRequest> FakeDaemon::started() {
  MutexLock lock(mutex_);
  return started_;
}

std::vector<v1::StartRunRequest> FakeDaemon::planned() {
  MutexLock lock(mutex_);
  return planned_;
}

std::vector<v1::WatchRunRequest> FakeDaemon::watched() {
  MutexLock lock(mutex_);
  return watched_;
}

std::vector<v1::CancelRunRequest> FakeDaemon::cancelled() {
  MutexLock lock(mutex_);
  return cancelled_;
}

std::vector<v1::CheckSuiteRequest> FakeDaemon::checked() {
  MutexLock lock(mutex_);
  return checked_;
}

std::vector<v1::UpdateBehaviorRequest> FakeDaemon::updated() {
  MutexLock lock(mutex_);
  return updated_;
}

bool FakeDaemon::WaitForCancel(grpc::ServerContext& context) {
  const SystemClock clock;
  MutexLock lock(mutex_);
  while (cancelled_.empty()) {
    if (context.IsCancelled()) return false;
    changed_.WaitUntil(mutex_, clock.Now() + 10 * kMillisecond);
  }
  return true;
}

grpc::Status FakeDaemon::Play(grpc::ServerContext& context,
                              grpc::ServerWriter<v1::RunEvent>& writer) {
  StreamScript script;
  {
    MutexLock lock(mutex_);
    if (!refusal_.ok()) return refusal_;
    if (scripts_.empty()) {
      return {grpc::StatusCode::FAILED_PRECONDITION, "no script is left"};
    }
    script = std::move(scripts_.front());
    scripts_.pop_front();
  }
  for (const v1::RunEvent& event : script.events) writer.Write(event);
  if (script.wait_for_cancel && WaitForCancel(context)) {
    v1::RunEvent event;
    event.mutable_finished()->set_state(v1::FINISHED);
    event.mutable_finished()->set_verdict(v1::CANCELLED);
    writer.Write(event);
  }
  return script.status;
}

grpc::Status FakeDaemon::StartRun(grpc::ServerContext* /*context*/,
                                  const v1::StartRunRequest* request,
                                  v1::Run* response) {
  MutexLock lock(mutex_);
  started_.push_back(*request);
  *response = run_;
  return refusal_;
}

grpc::Status FakeDaemon::PlanRun(grpc::ServerContext* /*context*/,
                                 const v1::StartRunRequest* request,
                                 v1::Run* response) {
  MutexLock lock(mutex_);
  planned_.push_back(*request);
  *response = run_;
  return refusal_;
}

grpc::Status FakeDaemon::RunSuite(grpc::ServerContext* context,
                                  const v1::StartRunRequest* request,
                                  grpc::ServerWriter<v1::RunEvent>* writer) {
  {
    MutexLock lock(mutex_);
    started_.push_back(*request);
  }
  return Play(*context, *writer);
}

grpc::Status FakeDaemon::WatchRun(grpc::ServerContext* context,
                                  const v1::WatchRunRequest* request,
                                  grpc::ServerWriter<v1::RunEvent>* writer) {
  {
    MutexLock lock(mutex_);
    watched_.push_back(*request);
  }
  return Play(*context, *writer);
}

grpc::Status FakeDaemon::CancelRun(grpc::ServerContext* /*context*/,
                                   const v1::CancelRunRequest* request,
                                   v1::Run* response) {
  MutexLock lock(mutex_);
  cancelled_.push_back(*request);
  changed_.NotifyAll();
  *response = run_;
  return grpc::Status::OK;
}

grpc::Status FakeDaemon::GetRun(grpc::ServerContext* /*context*/,
                                const v1::GetRunRequest* /*request*/,
                                v1::Run* response) {
  MutexLock lock(mutex_);
  *response = run_;
  return refusal_;
}

grpc::Status FakeDaemon::ListSuites(grpc::ServerContext* /*context*/,
                                    const v1::ListSuitesRequest* /*request*/,
                                    v1::ListSuitesResponse* response) {
  MutexLock lock(mutex_);
  *response = suites_;
  return refusal_;
}

grpc::Status FakeDaemon::CheckSuite(grpc::ServerContext* /*context*/,
                                    const v1::CheckSuiteRequest* request,
                                    v1::CheckSuiteResponse* response) {
  MutexLock lock(mutex_);
  checked_.push_back(*request);
  *response = problems_;
  return refusal_;
}

grpc::Status FakeDaemon::ListTargets(grpc::ServerContext* /*context*/,
                                     const v1::ListTargetsRequest* /*request*/,
                                     v1::ListTargetsResponse* response) {
  MutexLock lock(mutex_);
  *response = targets_;
  return refusal_;
}

grpc::Status FakeDaemon::UpdateBehavior(
    grpc::ServerContext* /*context*/, const v1::UpdateBehaviorRequest* request,
    v1::Target* response) {
  MutexLock lock(mutex_);
  updated_.push_back(*request);
  response->set_name(request->name());
  *response->mutable_behavior() = request->behavior();
  if (request->name() == refused_target_) {
    return {grpc::StatusCode::INVALID_ARGUMENT,
            "behavior.cache.l2_back_end: REAL needs --redis"};
  }
  return refusal_;
}

}  // namespace perfrig
