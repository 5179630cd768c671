// The target that stands for a service of templates.
#ifndef PERFRIG_SERVER_TARGETS_TEMPLATE_H_
#define PERFRIG_SERVER_TARGETS_TEMPLATE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "perfrig/target/v1/template.grpc.pb.h"
#include "server/targets/database.h"
#include "server/targets/object_store.h"
#include "server/targets/read_cache.h"
#include "server/targets/render.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

// Without a delay of its own: what it has not kept takes the database's and
// the object store's.
class TemplateTarget final : public Target,
                             public target::v1::Template::CallbackService {
 public:
  // Both outlive this.
  TemplateTarget(const TargetSetup& setup, DatabaseTarget& database,
                 ObjectStoreTarget& objects);

  static TargetKind Kind();
  grpc::Service* service() override { return this; }

  grpc::ServerUnaryReactor* Fetch(
      grpc::CallbackServerContext* context,
      const target::v1::FetchTemplateRequest* request,
      target::v1::FetchTemplateResponse* response) override;
  grpc::ServerUnaryReactor* Render(
      grpc::CallbackServerContext* context,
      const target::v1::RenderRequest* request,
      target::v1::RenderResponse* response) override;
  grpc::ServerUnaryReactor* Invalidate(
      grpc::CallbackServerContext* context,
      const target::v1::InvalidateTemplateRequest* request,
      target::v1::InvalidateTemplateResponse* response) override;
  grpc::ServerUnaryReactor* Stats(
      grpc::CallbackServerContext* context,
      const target::v1::TemplateStatsRequest* request,
      target::v1::TemplateStatsResponse* response) override;

 private:
  void Configure(const v1::Behavior& behavior) override;
  void ClearState() override;
  void DescribeState(google::protobuf::Struct& state) override;
  void DescribeOwn(Since since, v1::TargetStatistics& statistics) override;

  Task<absl::Status> Answer(Stay& stay,
                            const target::v1::FetchTemplateRequest& request,
                            target::v1::FetchTemplateResponse& response);
  Task<absl::Status> FillIn(Stay& stay,
                            const target::v1::RenderRequest& request,
                            target::v1::RenderResponse& response);
  // `stored`: of the template that the request names.
  Task<absl::Status> RenderElsewhere(Stay& stay,
                                     const target::v1::RenderRequest& request,
                                     const std::string& stored,
                                     target::v1::RenderResponse& response);
  Task<absl::Status> Forget(
      Stay& stay, const target::v1::InvalidateTemplateRequest& request,
      target::v1::InvalidateTemplateResponse& response);

  // From the cache, or from the two behind it.
  Task<absl::Status> Load(Stay& stay, const std::string& name,
                          target::v1::FetchTemplateResponse& loaded);
  // What is kept of it.
  Task<absl::StatusOr<std::string>> LoadAnew(
      Stay& stay, target::v1::FetchTemplateResponse& loaded);
  Task<absl::Status> LoadMetadata(Stay& stay,
                                  target::v1::FetchTemplateResponse& loaded);
  Task<absl::Status> LoadText(Stay& stay,
                              target::v1::FetchTemplateResponse& loaded);
  // One query; one read of an object.
  Task<absl::Status> Read(Stay& stay, const std::string& key,
                          std::string& text);

  DatabaseTarget& database_;
  ObjectStoreTarget& objects_;
  ReadCache cache_;
  std::atomic<std::size_t> output_bytes_ = 0;
  std::atomic<Nanos> render_time_ = 0;
  std::atomic<std::uint64_t> queries_ = 0;
  std::atomic<std::uint64_t> store_reads_ = 0;
  std::atomic<std::uint64_t> rendered_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_TEMPLATE_H_
