#include "client/views/behavior_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/terminal/format.h"
#include "client/terminal/text.h"
#include "client/views/times.h"

namespace perfrig {
namespace {

std::string Text(const google::protobuf::Duration& duration) {
  return FormatSetting(ToDuration(duration));
}

std::string QuantilesText(const v1::Delay::Quantiles& quantiles) {
  std::vector<std::string> points;
  for (const auto& point : quantiles.points()) {
    points.push_back(absl::StrCat(point.quantile(), "=", Text(point.value())));
  }
  return absl::StrCat("quantiles:", absl::StrJoin(points, ","));
}

std::string MixtureText(const v1::Delay::Mixture& mixture) {
  std::vector<std::string> parts;
  for (const auto& part : mixture.parts()) {
    parts.push_back(absl::StrCat(part.weight(), "*", DelayText(part.delay())));
  }
  return absl::StrCat("mixture:", absl::StrJoin(parts, "+"));
}

std::string OptionText(const google::protobuf::Message& options,
                       const google::protobuf::FieldDescriptor& field) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *options.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      google::protobuf::Duration duration;
      duration.CopyFrom(reflection.GetMessage(options, &field));
      return Text(duration);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::AsciiStrToLower(reflection.GetEnum(options, &field)->name());
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(options, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(reflection.GetDouble(options, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(options, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(options, &field));
    default:
      return reflection.GetString(options, &field);
  }
}

std::string Percent(double share) { return absl::StrCat(share * 100, "%"); }

}  // namespace

std::string DelayText(const v1::Delay& delay) {
  switch (delay.distribution_case()) {
    case v1::Delay::kFixed:
      return Text(delay.fixed());
    case v1::Delay::kUniform:
      return absl::StrCat("uniform:", Text(delay.uniform().min()), ",",
                          Text(delay.uniform().max()));
    case v1::Delay::kNormal:
      return absl::StrCat("normal:", Text(delay.normal().mean()), ",",
                          Text(delay.normal().stddev()));
    case v1::Delay::kLognormal:
      return absl::StrCat("lognormal:", Text(delay.lognormal().median()), ",",
                          delay.lognormal().sigma());
    case v1::Delay::kExponential:
      return absl::StrCat("exponential:", Text(delay.exponential()));
    case v1::Delay::kPareto:
      return absl::StrCat("pareto:", Text(delay.pareto().scale()), ",",
                          delay.pareto().alpha());
    case v1::Delay::kQuantiles:
      return QuantilesText(delay.quantiles());
    case v1::Delay::kMixture:
      return MixtureText(delay.mixture());
    case v1::Delay::DISTRIBUTION_NOT_SET:
      return "none";
  }
  return "none";
}

std::string FaultText(const v1::Fault& fault) {
  std::string rate = Percent(fault.rate());
  switch (fault.kind_case()) {
    case v1::Fault::kStatus:
      return absl::StrCat(fault.status(), ":", rate);
    case v1::Fault::kHang:
      return absl::StrCat("hang:", rate);
    case v1::Fault::kDrop:
      return absl::StrCat("drop:", rate);
    case v1::Fault::kSlow:
      return absl::StrCat("slow:", rate, ",", Text(fault.slow()));
    case v1::Fault::KIND_NOT_SET:
      return absl::StrCat("?:", rate);
  }
  return rate;
}

std::vector<std::pair<std::string, std::string>> BehaviorFlags(
    const v1::Behavior& behavior) {
  std::vector<std::pair<std::string, std::string>> flags;
  const auto add = [&](const char* flag, std::string value) {
    flags.emplace_back(flag, std::move(value));
  };
  if (behavior.has_delay()) add("delay", DelayText(behavior.delay()));
  if (behavior.has_capacity()) {
    add("capacity", absl::StrCat(behavior.capacity()));
  }
  if (behavior.has_queue_limit()) {
    add("queue-limit", absl::StrCat(behavior.queue_limit()));
  }
  if (behavior.has_bytes_per_second()) {
    add("bytes-per-second",
        absl::StrFormat("%.17g", behavior.bytes_per_second()));
  }
  if (behavior.has_load_factor()) {
    add("load-factor", absl::StrCat(behavior.load_factor()));
  }
  for (const auto& fault : behavior.faults()) add("fault", FaultText(fault));
  if (behavior.has_stall()) {
    add("stall", absl::StrCat(Text(behavior.stall().duration()), "/",
                              Text(behavior.stall().every())));
  }
  if (behavior.has_outage()) {
    const v1::Outage& outage = behavior.outage();
    std::string text = Text(outage.duration());
    if (outage.has_after()) absl::StrAppend(&text, "@", Text(outage.after()));
    if (!outage.status().empty()) absl::StrAppend(&text, ",", outage.status());
    add("outage", std::move(text));
  }
  if (behavior.has_seed()) add("seed", absl::StrCat(behavior.seed()));
  return flags;
}

std::vector<std::pair<std::string, std::string>> BehaviorOptions(
    const v1::Behavior& behavior) {
  using google::protobuf::FieldDescriptor;
  const auto& reflection = *v1::Behavior::GetReflection();
  const FieldDescriptor* const target = reflection.GetOneofFieldDescriptor(
      behavior, v1::Behavior::descriptor()->FindOneofByName("options"));
  if (target == nullptr) return {};
  const auto& options = reflection.GetMessage(behavior, target);
  std::vector<const FieldDescriptor*> fields;
  options.GetReflection()->ListFields(options, &fields);
  std::vector<std::pair<std::string, std::string>> texts;
  for (const FieldDescriptor* field : fields) {
    texts.emplace_back(field->name(), Printable(OptionText(options, *field)));
  }
  return texts;
}

}  // namespace perfrig
