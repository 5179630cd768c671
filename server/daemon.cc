#include "server/daemon.h"

#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "google/protobuf/util/time_util.h"
#include "server/api/host_facts.h"
#include "server/cache/redis_address.h"
#include "server/environment.h"
#include "server/local/local_functions.h"
#include "server/logging.h"
#include "server/run_log.h"
#include "server/runs/calibration.h"
#include "server/suites/reader.h"
#include "server/version.h"

namespace perfrig {
namespace {

// How long watchers have to hear the end.
constexpr absl::Duration kFarewell = absl::Seconds(1);

// What suites know of them.
suites::LocalFunctions KnownToSuites(const drivers::LocalFunctions& functions) {
  suites::LocalFunctions known;
  for (const auto& [name, function] : functions) {
    known.emplace(name, function.check);
  }
  return known;
}

// A host that could not read it has not been made.
std::optional<cache::RedisAddress> RedisOf(const Config& config) {
  if (config.redis.empty()) return std::nullopt;
  const auto address = cache::ParseRedisAddress(config.redis);
  return address.ok() ? std::optional(*address) : std::nullopt;
}

// One line for each file of --suites that cannot be run.
void LogBroken(const std::vector<v1::Problem>& problems) {
  std::set<std::string> files;
  for (const v1::Problem& problem : problems) {
    if (!files.insert(problem.file()).second) continue;
    LogWarning("suite cannot be run", {{"problem", suites::ToText({problem})}});
  }
}

// Where to call what listens on `bound`.
std::string Reachable(HostPort bound) {
  if (bound.host == "0.0.0.0") bound.host = "127.0.0.1";
  if (bound.host == "::") bound.host = "::1";
  return bound.ToString();
}

}  // namespace

Daemon::Daemon(Clock& clock, Config config,
               std::unique_ptr<HostedTargets> targets)
    : clock_(clock),
      config_(std::move(config)),
      targets_(std::move(targets)),
      local_functions_(local::MakeLocalFunctions({.clock = clock,
                                                  .delays = targets_->delays(),
                                                  .redis = RedisOf(config_)})),
      catalog_(config_.suites, Environment(), KnownToSuites(local_functions_)),
      generator_(clock, {.lanes = config_.lanes}) {}

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(Clock& clock,
                                                      Config config) {
  ASSIGN_OR_RETURN(auto targets, HostedTargets::Start(clock, config));
  std::unique_ptr<Daemon> daemon(
      new Daemon(clock, std::move(config), std::move(targets)));
  RETURN_IF_ERROR(daemon->ServeControl());
  RETURN_IF_ERROR(daemon->ServeHttp());
  daemon->KeepFacts();
  LogBroken(daemon->catalog_.Problems());
  return daemon;
}

Daemon::~Daemon() { Drain(absl::ZeroDuration()); }

absl::Status Daemon::ServeControl() {
  access_ =
      std::make_unique<Access>(clock_, config_, Reachable(targets_->address()),
                               targets_->host(), local_functions_);
  runs_ = std::make_unique<runs::Runs>(
      clock_, catalog_, *access_,
      load::GeneratorOptions{.lanes = config_.lanes},
      runs::Limits{.queue = config_.queue_limit, .kept = config_.keep_runs},
      kVersion, LogRun);
  suites_api_ = std::make_unique<api::SuitesApi>(catalog_, workers_);
  runs_api_ = std::make_unique<api::RunsApi>(*runs_, workers_);
  targets_api_ = std::make_unique<api::TargetsApi>(targets_->host(), clock_,
                                                   targets_->delays());
  rig_api_ = std::make_unique<api::RigApi>(
      *runs_,
      [this] {
        MutexLock lock(facts_mutex_);
        return facts_;
      },
      [this](const std::stop_token& stop) {
        return runs::Calibrate(clock_, *access_, generator_, stop);
      });
  ASSIGN_OR_RETURN(
      control_port_,
      DaemonPort::Start(
          "--control-address", config_.control_address,
          {suites_api_.get(), runs_api_.get(), targets_api_.get(),
           rig_api_.get()},
          {v1::Suites::service_full_name(), v1::Runs::service_full_name(),
           v1::Targets::service_full_name(), v1::Rig::service_full_name()}));
  return absl::OkStatus();
}

absl::Status Daemon::ServeHttp() {
  metrics_ =
      std::make_unique<metrics::Metrics>([this] { return Look(); }, kVersion);
  ASSIGN_OR_RETURN(http_address_, ParseHostPort(config_.http_address));
  absl::StatusOr<std::unique_ptr<web::HttpServer>> started =
      absl::UnavailableError("no address");
  ASSIGN_OR_RETURN(const auto addresses,
                   ResolveName(http_address_.host, kNever, {}));
  for (const in6_addr& each : addresses) {
    started =
        web::HttpServer::Start(ToText(each), http_address_.port,
                               {.draining = [this] { return draining_.load(); },
                                .metrics = [this] { return metrics_->Text(); },
                                .version = kVersion});
    if (started.ok()) break;
  }
  if (!started.ok()) {
    return absl::UnavailableError(
        absl::StrCat("--http-address ", config_.http_address,
                     ": cannot listen: ", WhyNotBound(http_address_)));
  }
  http_ = *std::move(started);
  http_address_.port = static_cast<std::uint16_t>(http_->port());
  return absl::OkStatus();
}

std::string Daemon::control_address() const {
  return control_port_->address().ToString();
}

std::string Daemon::http_address() const { return http_address_.ToString(); }

std::string Daemon::target_address() const {
  return targets_->address().ToString();
}

void Daemon::KeepFacts() {
  v1::Status facts;
  facts.set_version(kVersion);
  *facts.mutable_start_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(
          absl::ToUnixNanos(clock_.WallTime()));
  facts.set_control_address(control_address());
  facts.set_http_address(http_address());
  facts.set_target_address(target_address());
  for (const std::string& rule : config_.allow_target) {
    facts.add_allowed_targets(rule);
  }
  api::HostFacts host = api::ReadHostFacts();
  facts.set_cores(host.cores);
  facts.set_cpu(std::move(host.cpu));
  facts.set_kernel(std::move(host.kernel));
  MutexLock lock(facts_mutex_);
  facts_ = std::move(facts);
}

metrics::Scene Daemon::Look() {
  metrics::Scene scene;
  scene.queued = runs_->status().queued;
  scene.snapshot = runs_->LatestSnapshot();
  scene.current = runs_->Current();
  // After the one at work, which may have finished in between: a run that is
  // seen twice counts once, one that is not seen would be lost for a scrape.
  scene.finished = runs_->Recent(std::numeric_limits<std::size_t>::max());
  scene.verdicts = runs_->Finished();
  scene.targets = targets_->host().Totals();
  return scene;
}

void Daemon::Drain(absl::Duration timeout) {
  draining_ = true;
  if (control_port_ != nullptr) control_port_->AnnounceEnd();
  targets_->AnnounceEnd();
  if (runs_ != nullptr) {
    runs_->Drain(clock_.Now() + absl::ToInt64Nanoseconds(timeout));
  }
  if (control_port_ != nullptr) {
    control_port_->Shutdown(clock_.WallTime() + kFarewell);
  }
  targets_->Shutdown(clock_.WallTime() + kFarewell);
  http_.reset();
}

}  // namespace perfrig
