#include "server/targets/template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/strings/utf8.h"
#include "server/targets/seeded_templates.h"
#include "server/targets/serve.h"
#include "server/targets/template_check.h"

namespace perfrig::targets {
namespace {

using target::v1::FetchTemplateRequest;
using target::v1::FetchTemplateResponse;
using target::v1::InvalidateTemplateRequest;
using target::v1::InvalidateTemplateResponse;
using target::v1::QueryRequest;
using target::v1::QueryResponse;
using target::v1::RenderRequest;
using target::v1::RenderResponse;
using target::v1::TemplateStatsRequest;
using target::v1::TemplateStatsResponse;

constexpr std::size_t kLongestName = 200;

absl::Status CheckName(const std::string& name) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
  };
  if (!name.empty() && name.size() <= kLongestName &&
      std::all_of(name.begin(), name.end(), fits)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("name: must match [A-Za-z0-9_.-]{1,200}, got \"",
                   name.substr(0, 100), "\""));
}

absl::Status Check(const RenderRequest& request) {
  absl::Status variables = CheckVariables(request.variables());
  if (!variables.ok()) return variables;
  switch (request.template_case()) {
    case RenderRequest::kName:
      return CheckName(request.name());
    case RenderRequest::kText:
      return CheckTemplate(request.text());
    case RenderRequest::TEMPLATE_NOT_SET:
      return absl::InvalidArgumentError("template: needs name or text");
  }
  return absl::OkStatus();
}

// What is wrong with a stored template is not the request's fault.
absl::Status OfStored(const std::string& name, const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  return absl::FailedPreconditionError(
      absl::StrCat("template \"", name, "\": ", status.message()));
}

}  // namespace

TemplateTarget::TemplateTarget(const TargetSetup& setup,
                               DatabaseTarget& database,
                               ObjectStoreTarget& objects)
    : Target(Kind(), setup),
      database_(database),
      objects_(objects),
      cache_(setup.clock, setup.delays) {}

TargetKind TemplateTarget::Kind() {
  v1::Behavior behavior;
  v1::TemplateOptions& options = *behavior.mutable_template_();
  options.set_cache_bytes(64'000'000);
  options.mutable_cache_ttl()->set_seconds(300);
  options.set_output_bytes(1'000'000);
  options.mutable_render_time()->set_nanos(100 * kMillisecond);
  return {"template", "perfrig.target.v1.Template",
          "Templates over database and object store, cached and really "
          "rendered",
          std::move(behavior)};
}

void TemplateTarget::Configure(const v1::Behavior& behavior) {
  const v1::TemplateOptions& options = behavior.template_();
  cache_.Configure(options.cache_bytes(), ToNanos(options.cache_ttl()));
  output_bytes_ = options.output_bytes();
  render_time_ = ToNanos(options.render_time());
}

void TemplateTarget::ClearState() {
  cache_.Clear();
  queries_ = 0;
  store_reads_ = 0;
  rendered_ = 0;
}

Task<absl::Status> TemplateTarget::Answer(Stay& stay,
                                          const FetchTemplateRequest& request,
                                          FetchTemplateResponse& response) {
  CO_RETURN_IF_ERROR(CheckName(request.name()));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  co_return co_await Load(stay, request.name(), response);
}

Task<absl::Status> TemplateTarget::FillIn(Stay& stay,
                                          const RenderRequest& request,
                                          RenderResponse& response) {
  CO_RETURN_IF_ERROR(Check(request));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  FetchTemplateResponse stored;
  if (request.has_name()) {
    CO_RETURN_IF_ERROR(co_await Load(stay, request.name(), stored));
    response.set_cached(stored.cached());
  }
  const absl::Status rendered =
      co_await Counted(stay, Phase::kRender,
                       RenderElsewhere(stay, request, stored.text(), response));
  co_return request.has_name() ? OfStored(request.name(), rendered) : rendered;
}

Task<absl::Status> TemplateTarget::RenderElsewhere(Stay& stay,
                                                   const RenderRequest& request,
                                                   const std::string& stored,
                                                   RenderResponse& response) {
  CO_RETURN_IF_ERROR(co_await elsewhere().Go(stay.scope()));
  if (request.has_name()) CO_RETURN_IF_ERROR(CheckTemplate(stored));
  const RenderLimits limits = {.output_bytes = output_bytes_,
                               .time = render_time_};
  CO_ASSIGN_OR_RETURN(
      std::string text,
      targets::Render(request.has_name() ? stored : request.text(),
                      request.variables(), limits, stay.station().clock()));
  if (stay.counts()) ++rendered_;
  response.set_text(std::move(text));
  co_return absl::OkStatus();
}

Task<absl::Status> TemplateTarget::Load(Stay& stay, const std::string& name,
                                        FetchTemplateResponse& loaded) {
  bool reads = false;
  CO_ASSIGN_OR_RETURN(const cache::Found found,
                      co_await cache_.GetOrRead(stay, name, [&] {
                        reads = true;
                        loaded.set_name(name);
                        return LoadAnew(stay, loaded);
                      }));
  if (reads) co_return absl::OkStatus();
  Timed(stay, Phase::kCache,
        [&] { return loaded.ParseFromString(*found.value); });
  loaded.set_cached(found.source == cache::Source::kFirstTier);
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::string>> TemplateTarget::LoadAnew(
    Stay& stay, FetchTemplateResponse& loaded) {
  CO_RETURN_IF_ERROR(co_await LoadMetadata(stay, loaded));
  CO_RETURN_IF_ERROR(co_await LoadText(stay, loaded));
  co_return loaded.SerializeAsString();
}

Task<absl::Status> TemplateTarget::LoadMetadata(Stay& stay,
                                                FetchTemplateResponse& loaded) {
  QueryRequest query;
  query.set_table("templates");
  query.set_key(loaded.name());
  QueryResponse rows;
  ++queries_;
  CO_RETURN_IF_ERROR(co_await database_.Ask(stay, query, rows));
  if (rows.rows().empty()) {
    co_return absl::NotFoundError(
        absl::StrCat("name: no template \"", loaded.name(), "\""));
  }
  loaded.mutable_metadata()->swap(*rows.mutable_rows(0)->mutable_columns());
  co_return absl::OkStatus();
}

Task<absl::Status> TemplateTarget::LoadText(Stay& stay,
                                            FetchTemplateResponse& loaded) {
  const auto object = loaded.metadata().find("object");
  const std::string key = object != loaded.metadata().end()
                              ? object->second
                              : std::string(kTemplatesPrefix) + loaded.name();
  ++store_reads_;
  std::string text;
  CO_RETURN_IF_ERROR(OfStored(loaded.name(), co_await Read(stay, key, text)));
  if (!IsValidUtf8(text)) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("template \"", loaded.name(), "\": must be UTF-8"));
  }
  loaded.set_text(std::move(text));
  co_return absl::OkStatus();
}

Task<absl::Status> TemplateTarget::Read(Stay& stay, const std::string& key,
                                        std::string& text) {
  return Through(stay, objects_.station(), Phase::kObjectStore,
                 [this, &key, &text](Stay& inner) {
                   return objects_.Fetch(inner, key, kLargestTemplate, text);
                 });
}

Task<absl::Status> TemplateTarget::Forget(
    Stay& stay, const InvalidateTemplateRequest& request,
    InvalidateTemplateResponse& response) {
  if (!request.name().empty()) CO_RETURN_IF_ERROR(CheckName(request.name()));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  if (request.name().empty()) {
    response.set_invalidated(cache_.InvalidateAll());
  } else {
    response.set_invalidated(cache_.Invalidate(request.name()) ? 1 : 0);
  }
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* TemplateTarget::Fetch(
    grpc::CallbackServerContext* context, const FetchTemplateRequest* request,
    FetchTemplateResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Answer(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* TemplateTarget::Render(
    grpc::CallbackServerContext* context, const RenderRequest* request,
    RenderResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return FillIn(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* TemplateTarget::Invalidate(
    grpc::CallbackServerContext* context,
    const InvalidateTemplateRequest* request,
    InvalidateTemplateResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Forget(stay, *request, *response);
  });
}

grpc::ServerUnaryReactor* TemplateTarget::Stats(
    grpc::CallbackServerContext* context,
    const TemplateStatsRequest* /*request*/, TemplateStatsResponse* response) {
  *response->mutable_cache() = cache_.Counts();
  response->set_queries(queries_);
  response->set_store_reads(store_reads_);
  response->set_rendered(rendered_);
  return AnswerNow(context);
}

void TemplateTarget::DescribeState(google::protobuf::Struct& state) {
  cache_.Describe(state);
  auto& fields = *state.mutable_fields();
  fields["queries"].set_number_value(static_cast<double>(queries_));
  fields["store_reads"].set_number_value(static_cast<double>(store_reads_));
  fields["rendered"].set_number_value(static_cast<double>(rendered_));
}

void TemplateTarget::DescribeOwn(Since since,
                                 v1::TargetStatistics& statistics) {
  *statistics.mutable_cache() =
      since == Since::kStart ? cache_.Totals() : cache_.Statistics();
}

}  // namespace perfrig::targets
