#include "client/flags/behavior_flags.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/flags/values.h"
#include "common/behavior/options.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

bool TakesBack(std::string_view text) {
  return text == "default" || text == "none";
}

template <typename Integer>
absl::StatusOr<Integer> ParseInteger(std::string_view text) {
  Integer value = 0;
  if (!absl::SimpleAtoi(std::string(text), &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be a whole number from 0 to ",
                     std::numeric_limits<Integer>::max(), ", got \"",
                     std::string(text), "\""));
  }
  return value;
}

// Builds the request field by field and keeps the first error.
class BehaviorBuilder {
 public:
  // `parse` gives the value, `set` puts it in.
  template <typename Parse, typename Set>
  void Field(const char* flag, const char* field, const std::string& text,
             Parse parse, Set set) {
    if (text.empty() || !status_.ok()) return;
    request_.mutable_update_mask()->add_paths(field);
    if (TakesBack(text)) return;
    auto value = parse(text);
    if (!value.ok()) {
      status_ = Named(flag, value.status());
    } else {
      set(*request_.mutable_behavior(), *std::move(value));
    }
  }

  void Faults(const std::vector<std::string>& texts) {
    if (texts.empty() || !status_.ok()) return;
    request_.mutable_update_mask()->add_paths("faults");
    for (const std::string& text : texts) {
      if (TakesBack(text) && texts.size() == 1) return;
      absl::StatusOr<v1::Fault> fault = ParseFault(text);
      if (!fault.ok()) {
        status_ = Named("--fault", fault.status());
        return;
      }
      *request_.mutable_behavior()->add_faults() = *std::move(fault);
    }
  }

  void Options(std::string_view target, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      if (!status_.ok()) return;
      const auto option = ParseAssignment(text);
      if (!option.ok()) {
        status_ = Named("--set", option.status());
        return;
      }
      const auto& [name, value] = *option;
      request_.mutable_update_mask()->add_paths(
          absl::StrCat(std::string(target), ".", name));
      if (TakesBack(value)) continue;
      const absl::Status set =
          SetOption(target, name, value, *request_.mutable_behavior());
      if (!set.ok()) status_ = Named("--set", set);
    }
  }

  absl::StatusOr<v1::UpdateBehaviorRequest> Build() && {
    RETURN_IF_ERROR(status_);
    return std::move(request_);
  }

 private:
  v1::UpdateBehaviorRequest request_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<v1::Fault> ParseFault(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be KIND:SHARE, such as UNAVAILABLE:1%, hang:0.1%, "
                     "drop:1% or slow:5%,2s, got \"",
                     std::string(text), "\""));
  }
  const std::string_view kind = text.substr(0, colon);
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(text.substr(colon + 1)), ',');
  const bool slow = kind == "slow";
  if (parts.size() != (slow ? 2U : 1U)) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be ", slow ? "slow:SHARE,TIME" : "KIND:SHARE",
                     ", got \"", std::string(text), "\""));
  }
  v1::Fault fault;
  ASSIGN_OR_RETURN(const double rate, ParseShare(parts[0]));
  fault.set_rate(rate);
  if (slow) {
    ASSIGN_OR_RETURN(*fault.mutable_slow(), ParseProtoDuration(parts[1]));
  } else if (kind == "hang") {
    fault.set_hang(true);
  } else if (kind == "drop") {
    fault.set_drop(true);
  } else {
    fault.set_status(absl::AsciiStrToUpper(std::string(kind)));
  }
  return fault;
}

absl::StatusOr<v1::Stall> ParseStall(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), '/');
  if (parts.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "must be TIME/EVERY, such as 1s/6s, got \"", std::string(text), "\""));
  }
  v1::Stall stall;
  ASSIGN_OR_RETURN(*stall.mutable_duration(), ParseProtoDuration(parts[0]));
  ASSIGN_OR_RETURN(*stall.mutable_every(), ParseProtoDuration(parts[1]));
  return stall;
}

absl::StatusOr<v1::Outage> ParseOutage(std::string_view text) {
  v1::Outage outage;
  const std::size_t comma = text.find(',');
  if (comma != std::string_view::npos) {
    outage.set_status(
        absl::AsciiStrToUpper(std::string(text.substr(comma + 1))));
    text = text.substr(0, comma);
  }
  const std::size_t at = text.find('@');
  if (at != std::string_view::npos) {
    ASSIGN_OR_RETURN(*outage.mutable_after(),
                     ParseProtoDuration(text.substr(at + 1)));
    text = text.substr(0, at);
  }
  ASSIGN_OR_RETURN(*outage.mutable_duration(), ParseProtoDuration(text));
  return outage;
}

absl::StatusOr<v1::UpdateBehaviorRequest> ParseBehavior(
    std::string_view target, const BehaviorFlagValues& flags) {
  BehaviorBuilder builder;
  builder.Field("--delay", "delay", flags.delay, ParseDelay,
                [](v1::Behavior& behavior, v1::Delay delay) {
                  *behavior.mutable_delay() = std::move(delay);
                });
  builder.Field("--capacity", "capacity", flags.capacity,
                ParseInteger<std::uint32_t>,
                [](v1::Behavior& b, std::uint32_t v) { b.set_capacity(v); });
  builder.Field("--queue-limit", "queue_limit", flags.queue_limit,
                ParseInteger<std::uint32_t>,
                [](v1::Behavior& b, std::uint32_t v) { b.set_queue_limit(v); });
  builder.Field("--bytes-per-second", "bytes_per_second",
                flags.bytes_per_second, ParseBytes,
                [](v1::Behavior& b, double v) { b.set_bytes_per_second(v); });
  builder.Field("--load-factor", "load_factor", flags.load_factor, ParseNumber,
                [](v1::Behavior& b, double v) { b.set_load_factor(v); });
  builder.Faults(flags.faults);
  builder.Field("--stall", "stall", flags.stall, ParseStall,
                [](v1::Behavior& behavior, const v1::Stall& stall) {
                  *behavior.mutable_stall() = stall;
                });
  builder.Field("--outage", "outage", flags.outage, ParseOutage,
                [](v1::Behavior& behavior, const v1::Outage& outage) {
                  *behavior.mutable_outage() = outage;
                });
  builder.Field("--seed", "seed", flags.seed, ParseInteger<std::uint64_t>,
                [](v1::Behavior& b, std::uint64_t v) { b.set_seed(v); });
  constexpr std::string_view kPrefix = "targets/";
  if (target.substr(0, kPrefix.size()) == kPrefix) {
    target.remove_prefix(kPrefix.size());
  }
  builder.Options(target, flags.options);
  return std::move(builder).Build();
}

}  // namespace perfrig
