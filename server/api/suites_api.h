// perfrig.v1.Suites over the catalog and the reader.
#ifndef PERFRIG_SERVER_API_SUITES_API_H_
#define PERFRIG_SERVER_API_SUITES_API_H_

#include "common/sync/workers.h"
#include "perfrig/v1/suite.grpc.pb.h"
#include "server/suites/catalog.h"

namespace perfrig::api {

class SuitesApi final : public v1::Suites::CallbackService {
 public:
  // The arguments outlive this.
  SuitesApi(suites::Catalog& catalog, Workers& workers)
      : catalog_(catalog), workers_(workers) {}

  grpc::ServerUnaryReactor* ListSuites(
      grpc::CallbackServerContext* context,
      const v1::ListSuitesRequest* request,
      v1::ListSuitesResponse* response) override;
  grpc::ServerUnaryReactor* GetSuite(grpc::CallbackServerContext* context,
                                     const v1::GetSuiteRequest* request,
                                     v1::Suite* response) override;
  grpc::ServerUnaryReactor* CheckSuite(
      grpc::CallbackServerContext* context,
      const v1::CheckSuiteRequest* request,
      v1::CheckSuiteResponse* response) override;

 private:
  suites::Catalog& catalog_;
  Workers& workers_;
};

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_SUITES_API_H_
