// Those who look after the targets, and what they find.
#ifndef PERFRIG_TESTS_SOAK_CONTROL_H_
#define PERFRIG_TESTS_SOAK_CONTROL_H_

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "common/sync/mutex.h"
#include "perfrig/target/v1/ingest.grpc.pb.h"
#include "perfrig/v1/target.grpc.pb.h"

namespace perfrig::soak {

// What does not hold. Thread-safe.
class Problems {
 public:
  void Add(const std::string& problem) {
    constexpr int kShown = 20;
    MutexLock lock(mutex_);
    if (count_++ < kShown) {
      std::fprintf(stderr, "chaos_soak: %s\n", problem.c_str());
    }
  }
  void Require(bool holds, const std::string& problem) {
    if (!holds) Add(problem);
  }
  [[nodiscard]] int count() const {
    MutexLock lock(mutex_);
    return count_;
  }

 private:
  mutable Mutex mutex_;
  int count_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

// The targets at an address of theirs. Thread-safe.
class Control {
 public:
  explicit Control(const std::string& address)
      : channel_(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        stub_(v1::Targets::NewStub(channel_)) {}

  // For a day.
  std::string Token() {
    target::v1::IssueTokenRequest request;
    request.mutable_ttl()->set_seconds(86'400);
    grpc::ClientContext context;
    target::v1::IssueTokenResponse response;
    Expect(target::v1::Ingest::NewStub(channel_)->IssueToken(&context, request,
                                                             &response));
    return response.token();
  }

  std::vector<v1::Target> List() {
    const v1::ListTargetsResponse response =
        Call(&v1::Targets::Stub::ListTargets, v1::ListTargetsRequest());
    return {response.targets().begin(), response.targets().end()};
  }
  v1::Target Get(const std::string& name) {
    v1::GetTargetRequest request;
    request.set_name(name);
    return Call(&v1::Targets::Stub::GetTarget, request);
  }
  void Reset(const std::string& name) {
    v1::ResetTargetRequest request;
    request.set_name(name);
    Call(&v1::Targets::Stub::ResetTarget, request);
  }
  grpc::Status Update(const v1::UpdateBehaviorRequest& request) {
    grpc::ClientContext context;
    v1::Target response;
    return stub_->UpdateBehavior(&context, request, &response);
  }

 private:
  template <class Request, class Response>
  Response Call(grpc::Status (v1::Targets::Stub::*method)(grpc::ClientContext*,
                                                          const Request&,
                                                          Response*),
                const Request& request) {
    grpc::ClientContext context;
    Response response;
    Expect((*stub_.*method)(&context, request, &response));
    return response;
  }
  static void Expect(const grpc::Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "chaos_soak: %s\n", status.error_message().c_str());
    std::exit(EXIT_FAILURE);
  }

  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Targets::Stub> stub_;
};

}  // namespace perfrig::soak

#endif  // PERFRIG_TESTS_SOAK_CONTROL_H_
