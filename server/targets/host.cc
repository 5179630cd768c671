#include "server/targets/host.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/behavior/check.h"
#include "common/behavior/options.h"
#include "common/status/details.h"
#include "common/strings/nearest.h"
#include "server/backends/s3_client.h"
#include "server/cache/redis_address.h"
#include "server/targets/cache_target.h"
#include "server/targets/classifier.h"
#include "server/targets/config.h"
#include "server/targets/connection_pool.h"
#include "server/targets/database.h"
#include "server/targets/echo.h"
#include "server/targets/gateway.h"
#include "server/targets/ingest.h"
#include "server/targets/object_store.h"
#include "server/targets/orchestrator.h"
#include "server/targets/target.h"
#include "server/targets/template.h"

namespace perfrig::targets {
namespace {

constexpr std::string_view kPrefix = "targets/";

std::string_view ShortName(std::string_view name) {
  if (name.substr(0, kPrefix.size()) == kPrefix) {
    name.remove_prefix(kPrefix.size());
  }
  return name;
}

std::vector<TargetKind> Kinds() {
  return {CacheTarget::Kind(),       ClassifierTarget::Kind(),
          ConfigTarget::Kind(),      ConnectionPoolTarget::Kind(),
          DatabaseTarget::Kind(),    EchoTarget::Kind(),
          GatewayTarget::Kind(),     IngestTarget::Kind(),
          ObjectStoreTarget::Kind(), OrchestratorTarget::Kind(),
          TemplateTarget::Kind()};
}

std::string Unknown(const std::string& name) {
  return absl::StrCat("no target \"", name, "\"",
                      DidYouMean(name, Host::Names()));
}

// `url` can be parsed, or is empty.
std::unique_ptr<backends::S3Client> MakeS3(const std::string& url) {
  if (url.empty()) return nullptr;
  return *backends::S3Client::Create(*backends::ParseS3Url(url));
}

absl::Status Verdict(const std::vector<FieldProblem>& problems) {
  if (problems.empty()) return absl::OkStatus();
  std::string text;
  for (const FieldProblem& problem : problems) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", problem.field, ": ",
                    problem.message);
  }
  return WithViolations(absl::InvalidArgumentError(text), problems);
}

}  // namespace

std::vector<std::string> Host::Names() {
  std::vector<std::string> names;
  for (const TargetKind& kind : Kinds()) names.emplace_back(kind.name);
  return names;
}

absl::Status Host::Check(const Options& options) {
  std::vector<FieldProblem> problems;
  const std::vector<TargetKind> kinds = Kinds();
  for (const auto& [name, behavior] : options.defaults) {
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(),
                     [&](const TargetKind& each) { return each.name == name; });
    if (kind == kinds.end()) problems.push_back({name, Unknown(name)});
    for (const FieldProblem& problem : CheckBehavior(behavior)) {
      problems.push_back(
          {absl::StrCat(name, ".", problem.field), problem.message});
    }
    if (behavior.database().back_end() == v1::REAL &&
        options.postgresql.empty()) {
      problems.push_back({absl::StrCat(name, ".database.back_end"),
                          "REAL needs --postgresql CONNINFO"});
    }
    const std::string owner = OptionsTarget(behavior);
    if (!owner.empty() && kind != kinds.end() &&
        owner != OptionsTarget(kind->behavior)) {
      problems.push_back({absl::StrCat(name, ".", owner),
                          absl::StrCat("is not an option of ", name)});
    }
  }
  if (!options.redis.empty()) {
    const absl::Status redis = cache::ParseRedisAddress(options.redis).status();
    if (!redis.ok()) {
      problems.push_back({"redis", std::string(redis.message())});
    }
  }
  if (!options.s3.empty()) {
    const absl::Status s3 = backends::ParseS3Url(options.s3).status();
    if (!s3.ok()) problems.push_back({"s3", std::string(s3.message())});
  }
  return Verdict(problems);
}

Host::Host(Clock& clock, Options options)
    : delays_(std::make_unique<SystemDelayQueue>(clock)) {
  const auto setup = [&](const TargetKind& kind) {
    return TargetSetup{clock, *delays_, elsewhere_,
                       options.allow_call_overrides,
                       options.defaults[std::string(kind.name)]};
  };
  std::optional<cache::RedisAddress> redis;
  if (!options.redis.empty()) redis = *cache::ParseRedisAddress(options.redis);
  auto database = std::make_unique<DatabaseTarget>(
      setup(DatabaseTarget::Kind()), options.postgresql);
  auto objects = std::make_unique<ObjectStoreTarget>(
      setup(ObjectStoreTarget::Kind()), options.object_store_bytes,
      MakeS3(options.s3));
  auto templates = std::make_unique<TemplateTarget>(
      setup(TemplateTarget::Kind()), *database, *objects);
  auto model =
      std::make_unique<OrchestratorTarget>(setup(OrchestratorTarget::Kind()));
  auto gateway = std::make_unique<GatewayTarget>(setup(GatewayTarget::Kind()),
                                                 *database, *model);
  auto ingest =
      std::make_unique<IngestTarget>(setup(IngestTarget::Kind()), *objects);
  auto config =
      std::make_unique<ConfigTarget>(setup(ConfigTarget::Kind()), *database);
  askers_ = {config.get(), gateway.get(), ingest.get(), templates.get()};
  targets_.push_back(
      std::make_unique<CacheTarget>(setup(CacheTarget::Kind()), redis));
  targets_.push_back(
      std::make_unique<ClassifierTarget>(setup(ClassifierTarget::Kind())));
  targets_.push_back(std::move(config));
  targets_.push_back(std::make_unique<ConnectionPoolTarget>(
      setup(ConnectionPoolTarget::Kind())));
  targets_.push_back(std::move(database));
  targets_.push_back(std::make_unique<EchoTarget>(setup(EchoTarget::Kind())));
  targets_.push_back(std::move(gateway));
  targets_.push_back(std::move(ingest));
  targets_.push_back(std::move(objects));
  targets_.push_back(std::move(model));
  targets_.push_back(std::move(templates));
  ResetAll();
}

Host::~Host() {
  // What runs there may still want a delay, and what is due refers to it.
  elsewhere_.Join();
}

absl::Status Host::CheckDefaults() const {
  std::vector<FieldProblem> problems;
  for (const auto& target : targets_) {
    for (FieldProblem& problem : target->CheckDefaults()) {
      problems.push_back(std::move(problem));
    }
  }
  return Verdict(problems);
}

std::vector<grpc::Service*> Host::services() {
  std::vector<grpc::Service*> services;
  services.reserve(targets_.size());
  for (const auto& target : targets_) services.push_back(target->service());
  return services;
}

std::vector<v1::Target> Host::List(bool with_histograms) {
  std::vector<v1::Target> all;
  all.reserve(targets_.size());
  for (const auto& target : targets_) {
    all.push_back(target->Describe(with_histograms));
  }
  return all;
}

std::vector<v1::Target> Host::Totals() {
  std::vector<v1::Target> all;
  all.reserve(targets_.size());
  for (const auto& target : targets_) all.push_back(target->DescribeTotals());
  return all;
}

absl::StatusOr<v1::Target> Host::Get(std::string_view name,
                                     bool with_histograms) {
  const auto target = Find(name);
  if (!target.ok()) return target.status();
  return (*target)->Describe(with_histograms);
}

absl::StatusOr<v1::Target> Host::Update(
    const v1::UpdateBehaviorRequest& request, bool by_hand) {
  const auto target = Find(request.name());
  if (!target.ok()) return target.status();
  const absl::Status updated = (*target)->Update(request, by_hand);
  if (!updated.ok()) return updated;
  return (*target)->Describe(false);
}

absl::StatusOr<v1::Target> Host::Reset(std::string_view name) {
  if (ShortName(name) == "-") {
    ResetAll();
    return targets_.front()->Describe(false);
  }
  const auto target = Find(name);
  if (!target.ok()) return target.status();
  (*target)->Reset();
  return (*target)->Describe(false);
}

void Host::ResetAll() {
  // First, so that none of their calls comes to a target that was reset.
  for (Target* const target : askers_) target->Reset();
  for (const auto& target : targets_) {
    const auto reset = std::find(askers_.begin(), askers_.end(), target.get());
    if (reset == askers_.end()) target->Reset();
  }
}

void Host::Shutdown() {
  for (const auto& target : targets_) target->Shutdown();
}

absl::StatusOr<Target*> Host::Find(std::string_view name) {
  if (ShortName(name).empty()) {
    return BadField("name", absl::StrCat("must be targets/{target}, got \"",
                                         std::string(name), "\""));
  }
  for (const auto& target : targets_) {
    if (target->name() == ShortName(name)) return target.get();
  }
  return WithResource(
      absl::NotFoundError(Unknown(std::string(ShortName(name)))),
      "perfrig.v1.Target", name);
}

}  // namespace perfrig::targets
