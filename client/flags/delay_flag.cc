#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/flags/behavior_flags.h"
#include "client/flags/values.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

using Arguments = std::vector<std::string>;
using Parser = absl::Status (*)(const Arguments&, v1::Delay&);

absl::Status Fixed(const Arguments& arguments, v1::Delay& delay) {
  ASSIGN_OR_RETURN(*delay.mutable_fixed(), ParseProtoDuration(arguments[0]));
  return absl::OkStatus();
}

absl::Status Exponential(const Arguments& arguments, v1::Delay& delay) {
  ASSIGN_OR_RETURN(*delay.mutable_exponential(),
                   ParseProtoDuration(arguments[0]));
  return absl::OkStatus();
}

absl::Status Uniform(const Arguments& arguments, v1::Delay& delay) {
  auto& uniform = *delay.mutable_uniform();
  ASSIGN_OR_RETURN(*uniform.mutable_min(), ParseProtoDuration(arguments[0]));
  ASSIGN_OR_RETURN(*uniform.mutable_max(), ParseProtoDuration(arguments[1]));
  return absl::OkStatus();
}

absl::Status Normal(const Arguments& arguments, v1::Delay& delay) {
  auto& normal = *delay.mutable_normal();
  ASSIGN_OR_RETURN(*normal.mutable_mean(), ParseProtoDuration(arguments[0]));
  ASSIGN_OR_RETURN(*normal.mutable_stddev(), ParseProtoDuration(arguments[1]));
  return absl::OkStatus();
}

absl::Status Lognormal(const Arguments& arguments, v1::Delay& delay) {
  auto& lognormal = *delay.mutable_lognormal();
  ASSIGN_OR_RETURN(*lognormal.mutable_median(),
                   ParseProtoDuration(arguments[0]));
  ASSIGN_OR_RETURN(const double sigma, ParseNumber(arguments[1]));
  lognormal.set_sigma(sigma);
  return absl::OkStatus();
}

absl::Status Pareto(const Arguments& arguments, v1::Delay& delay) {
  auto& pareto = *delay.mutable_pareto();
  ASSIGN_OR_RETURN(*pareto.mutable_scale(), ParseProtoDuration(arguments[0]));
  ASSIGN_OR_RETURN(const double alpha, ParseNumber(arguments[1]));
  pareto.set_alpha(alpha);
  return absl::OkStatus();
}

absl::Status Quantiles(const Arguments& arguments, v1::Delay& delay) {
  for (const std::string& argument : arguments) {
    ASSIGN_OR_RETURN(const auto point, ParseAssignment(argument));
    auto& added = *delay.mutable_quantiles()->add_points();
    ASSIGN_OR_RETURN(const double quantile, ParseNumber(point.first));
    added.set_quantile(quantile);
    ASSIGN_OR_RETURN(*added.mutable_value(), ParseProtoDuration(point.second));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Delay> Mixture(std::string_view text) {
  v1::Delay delay;
  const Arguments parts = absl::StrSplit(std::string(text), '+');
  for (const std::string& part : parts) {
    const std::size_t star = part.find('*');
    if (star == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "parts of a mixture are WEIGHT*DELAY, got \"", part, "\""));
    }
    auto& added = *delay.mutable_mixture()->add_parts();
    ASSIGN_OR_RETURN(const double weight, ParseNumber(part.substr(0, star)));
    added.set_weight(weight);
    ASSIGN_OR_RETURN(*added.mutable_delay(), ParseDelay(part.substr(star + 1)));
  }
  return delay;
}

struct Kind {
  Parser parse;
  // 0: any number.
  std::size_t arguments;
  std::string_view form;
};

const std::map<std::string, Kind, std::less<>>& Kinds() {
  static const auto* const kKinds =
      new std::map<std::string, Kind, std::less<>>{
          {"fixed", {Fixed, 1, "fixed:TIME"}},
          {"exponential", {Exponential, 1, "exponential:MEAN"}},
          {"uniform", {Uniform, 2, "uniform:MIN,MAX"}},
          {"normal", {Normal, 2, "normal:MEAN,STDDEV"}},
          {"lognormal", {Lognormal, 2, "lognormal:MEDIAN,SIGMA"}},
          {"pareto", {Pareto, 2, "pareto:SCALE,ALPHA"}},
          {"quantiles", {Quantiles, 0, "quantiles:0=TIME,…,1=TIME"}},
      };
  return *kKinds;
}

}  // namespace

absl::StatusOr<v1::Delay> ParseDelay(std::string_view text) {
  v1::Delay delay;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    RETURN_IF_ERROR(Fixed({std::string(text)}, delay));
    return delay;
  }
  const std::string_view name = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (name == "mixture") return Mixture(rest);
  const auto kind = Kinds().find(name);
  if (kind == Kinds().end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown distribution \"", std::string(name),
        "\"; known: a time, fixed, uniform, normal, lognormal, exponential, "
        "pareto, quantiles, mixture"));
  }
  const Arguments arguments = absl::StrSplit(std::string(rest), ',');
  const Kind& known = kind->second;
  if (known.arguments > 0 && arguments.size() != known.arguments) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be ", std::string(known.form), ", got \"",
                     std::string(text), "\""));
  }
  RETURN_IF_ERROR(known.parse(arguments, delay));
  return delay;
}

}  // namespace perfrig
