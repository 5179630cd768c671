#include "server/api/suites_api.h"

#include <utility>

#include "server/api/answer.h"
#include "server/api/errors.h"
#include "server/suites/reader.h"
#include "server/suites/secrets.h"

namespace perfrig::api {
namespace {

absl::StatusOr<v1::ListSuitesResponse> List(
    suites::Catalog& catalog, const v1::ListSuitesRequest& request) {
  v1::ListSuitesResponse response;
  for (v1::Suite& suite : catalog.List(request.pattern())) {
    *response.add_suites() = std::move(suite);
  }
  for (v1::Problem& problem : catalog.Problems()) {
    *response.add_problems() = std::move(problem);
  }
  return response;
}

absl::StatusOr<v1::CheckSuiteResponse> Check(
    suites::Catalog& catalog, const v1::CheckSuiteRequest& request) {
  const auto& variables = request.source().variables();
  suites::ReadResult read = suites::ReadSuite(
      request.source(),
      catalog.SurroundingsWith({variables.begin(), variables.end()}));
  v1::CheckSuiteResponse response;
  if (read.suite.has_value()) {
    *response.mutable_suite() = *std::move(read.suite);
  }
  for (v1::Problem& problem : read.problems) {
    *response.add_problems() = std::move(problem);
  }
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* SuitesApi::ListSuites(
    grpc::CallbackServerContext* context, const v1::ListSuitesRequest* request,
    v1::ListSuitesResponse* response) {
  return AnswerLater(
      context, workers_, [this, request] { return List(catalog_, *request); },
      response);
}

grpc::ServerUnaryReactor* SuitesApi::GetSuite(
    grpc::CallbackServerContext* context, const v1::GetSuiteRequest* request,
    v1::Suite* response) {
  return AnswerLater(
      context, workers_,
      [this, request] {
        auto suite = Named(catalog_.Get(request->name()), "perfrig.v1.Suite",
                           request->name());
        if (suite.ok()) suite = suites::WithoutSecrets(*std::move(suite));
        return suite;
      },
      response);
}

grpc::ServerUnaryReactor* SuitesApi::CheckSuite(
    grpc::CallbackServerContext* context, const v1::CheckSuiteRequest* request,
    v1::CheckSuiteResponse* response) {
  return AnswerLater(
      context, workers_, [this, request] { return Check(catalog_, *request); },
      response);
}

}  // namespace perfrig::api
