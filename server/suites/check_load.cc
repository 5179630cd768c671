#include "server/suites/check_load.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/checks/ranges.h"
#include "server/suites/limits.h"

namespace perfrig::suites {
namespace {

class LoadChecker {
 public:
  LoadChecker(const v1::Load& load, const std::string& field,
              std::vector<FieldProblem>& problems)
      : load_(load), field_(field), problems_(problems) {}

  void Check() {
    const int models =
        (load_.users() != 0 ? 1 : 0) +
        // NaN is a rate, too: one out of range.
        (load_.rate() != 0 ? 1 : 0) + (load_.stages_size() != 0 ? 1 : 0) +
        (load_.burst() != 0 ? 1 : 0) + (load_.sessions() != 0 ? 1 : 0) +
        (load_.has_search() ? 1 : 0);
    if (models != 1) {
      problems_.push_back(
          {field_, models == 0
                       ? "needs one of users, rate, stages, burst, sessions, "
                         "search"
                       : "must have one of users, rate, stages, burst, "
                         "sessions, search, not several"});
    }
    CheckRanges();
    if (models != 1) return;
    if (load_.stages_size() != 0) CheckStages();
    if (load_.has_search()) CheckSearch();
    CheckEnd();
    CheckFit();
  }

 private:
  void CheckRanges() {
    Range("users", load_.users(), {0, kMostUsers});
    if (load_.rate() != 0) Range("rate", load_.rate(), {0, kMostRate, true});
    Range("burst", load_.burst(), {0, kMostUsers});
    Range("sessions", load_.sessions(), {0, kMostUsers});
    Range("iterations", static_cast<double>(load_.iterations()),
          {0, static_cast<double>(kMostIterations)});
    Range("iterations_per_user",
          static_cast<double>(load_.iterations_per_user()),
          {0, static_cast<double>(kMostIterations)});
    if (load_.burstiness() != 0) {
      Range("burstiness", load_.burstiness(),
            {kLeastBurstiness, kMostBurstiness});
    }
    Range("max_in_flight", load_.max_in_flight(), {0, kMostInFlight});
    Range("connections", load_.connections(), {0, kMostConnections});
    if (load_.has_duration()) {
      CheckDuration(load_.duration(),
                    {absl::ZeroDuration(), absl::Hours(24), true},
                    field_ + ".duration", problems_);
    }
    if (load_.has_think()) {
      CheckDuration(load_.think(), {}, field_ + ".think", problems_);
    }
    if (load_.has_network()) CheckNetwork();
    if (!v1::Arrivals_IsValid(load_.arrivals())) {
      Add("arrivals", absl::StrCat("must be constant, poisson or gamma, got ",
                                   static_cast<int>(load_.arrivals())));
    }
  }

  void CheckNetwork() {
    const v1::Network& network = load_.network();
    if (!network.has_latency() && network.bytes_per_second() == 0) {
      Add("network", "needs latency, bandwidth or both");
    }
    if (network.has_latency()) {
      CheckDuration(network.latency(), {absl::ZeroDuration(), absl::Minutes(1)},
                    field_ + ".network.latency", problems_);
    }
    if (network.bytes_per_second() != 0) {
      Range("network.bandwidth", network.bytes_per_second(),
            {0, kMostBytesPerSecond, true});
    }
  }

  void CheckStages() {
    if (load_.stages_size() > kMostStages) {
      Add("stages", absl::StrCat("must be at most ", kMostStages, ", got ",
                                 load_.stages_size()));
      return;
    }
    bool reaches_anything = false;
    for (int i = 0; i < load_.stages_size(); ++i) {
      const v1::Stage& stage = load_.stages(i);
      CheckStage(stage, absl::StrCat("stages[", i, "]"));
      reaches_anything =
          reaches_anything || stage.users() > 0 || stage.rate() != 0;
    }
    if (!reaches_anything) {
      Add("stages", "must reach more than 0 users or calls");
    }
  }

  void CheckSearch() {
    const v1::Search& search = load_.search();
    Range("search.from", search.from(), {0, kMostRate, true});
    Range("search.to", search.to(), {0, kMostRate, true});
    if (search.from() > 0 && search.to() <= search.from()) {
      Add("search.to", absl::StrCat("must be above from, ", search.from(),
                                    "/s, got ", search.to(), "/s"));
    }
    if (search.precision() != 0) {
      Range("search.precision", search.precision(),
            {kFinestPrecision, kCoarsestPrecision});
    }
  }

  void CheckStage(const v1::Stage& stage, const std::string& name) {
    const auto level = stage.level_case();
    if (level == v1::Stage::LEVEL_NOT_SET) {
      Add(name, "needs users or rate");
    } else if (level != load_.stages(0).level_case()) {
      Add(name, "must set the same as the first stage, users or rate");
    }
    Range(name + ".users", stage.users(), {0, kMostUsers});
    Range(name + ".rate", stage.rate(), {0, kMostRate});
    CheckDuration(stage.duration(),
                  {absl::ZeroDuration(), absl::Hours(24), true},
                  absl::StrCat(field_, ".", name, ".duration"), problems_);
  }

  void CheckEnd() {
    const bool by_count =
        load_.iterations() != 0 || load_.iterations_per_user() != 0;
    if (load_.users() != 0) {
      if (!by_count && !load_.has_duration()) {
        problems_.push_back({field_,
                             "never ends: needs duration, iterations or "
                             "iterations_per_user"});
      }
    } else if (load_.rate() != 0 || load_.has_search()) {
      if (!load_.has_duration()) {
        problems_.push_back(
            {field_, load_.has_search()
                         ? "never ends: a search needs duration, of each try"
                         : "never ends: a rate needs duration"});
      }
      RefuseCounts("a rate ends by duration");
    } else {
      const char* reason =
          load_.burst() != 0      ? "a burst ends when it has been sent"
          : load_.sessions() != 0 ? "sessions end when all their messages are "
                                    "answered"
                                  : "stages have durations of their own";
      RefuseCounts(reason);
      if (load_.has_duration()) Add("duration", Not(reason));
    }
    if (load_.iterations() != 0 && load_.iterations_per_user() != 0) {
      Add("iterations_per_user", "must not stand beside iterations");
    }
  }

  void RefuseCounts(const char* reason) {
    if (load_.iterations() != 0) Add("iterations", Not(reason));
    if (load_.iterations_per_user() != 0) {
      Add("iterations_per_user", Not(reason));
    }
  }

  // What only closed or only open loads have.
  void CheckFit() {
    const bool closed = load_.users() != 0 ||
                        (load_.stages_size() != 0 &&
                         load_.stages(0).level_case() == v1::Stage::kUsers);
    const bool planned = !closed && load_.burst() == 0 && load_.sessions() == 0;
    if (!closed && load_.has_think()) Add("think", Not("only users think"));
    if (!closed && load_.connection_per_user()) {
      Add("connections", Not("only users have connections of their own"));
    }
    if (load_.connections() != 0 && load_.connection_per_user()) {
      Add("connections", "must be a number or per_user, not both");
    }
    if (closed && load_.max_in_flight() != 0) {
      Add("max_in_flight", Not("users have one call in flight each"));
    }
    if (!planned && load_.arrivals() != v1::ARRIVALS_UNSPECIFIED) {
      Add("arrivals", Not("only a rate has arrivals"));
    }
    if (load_.burstiness() != 0 && load_.arrivals() != v1::GAMMA) {
      Add("burstiness", Not("only arrivals: gamma have it"));
    }
  }

  static std::string Not(const char* reason) {
    return absl::StrCat("must not be set: ", reason);
  }
  void Range(const std::string& name, double value, const NumberRange& range) {
    CheckNumber(value, range, absl::StrCat(field_, ".", name), problems_);
  }
  void Add(const std::string& name, std::string message) {
    problems_.push_back({absl::StrCat(field_, ".", name), std::move(message)});
  }

  const v1::Load& load_;
  const std::string& field_;
  std::vector<FieldProblem>& problems_;
};

}  // namespace

void CheckLoad(const v1::Load& load, const std::string& field,
               std::vector<FieldProblem>& problems) {
  LoadChecker(load, field, problems).Check();
}

}  // namespace perfrig::suites
