#include "server/local_functions.h"

#include <cmath>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace perfrig {
namespace {

constexpr double kDefaultMicroseconds = 100;
constexpr double kMostMicroseconds = 1e7;

absl::StatusOr<double> MicrosecondsOf(std::string_view data) {
  if (data.empty()) return kDefaultMicroseconds;
  google::protobuf::Struct fields;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(std::string(data), &fields);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("data: ", parsed.ToString()));
  }
  const auto found = fields.fields().find("microseconds");
  if (found == fields.fields().end()) return kDefaultMicroseconds;
  const double value = found->second.number_value();
  if (std::isnan(value) || value < 0 || value > kMostMicroseconds) {
    return absl::InvalidArgumentError(absl::StrCat(
        "microseconds: must be 0 to ", kMostMicroseconds, ", got ", value));
  }
  return value;
}

absl::Status Spin(const Clock& clock, std::string_view data) {
  const Nanos start = clock.Now();
  ASSIGN_OR_RETURN(const double microseconds, MicrosecondsOf(data));
  const Nanos end = start + static_cast<Nanos>(microseconds * kMicrosecond);
  while (clock.Now() < end) {
  }
  return absl::OkStatus();
}

}  // namespace

drivers::LocalFunctions MakeLocalFunctions(const Clock& clock) {
  drivers::LocalFunctions functions;
  functions["noop"] = [](std::string_view /*data*/) {
    return absl::OkStatus();
  };
  functions["spin"] = [&clock](std::string_view data) {
    return Spin(clock, data);
  };
  return functions;
}

}  // namespace perfrig
