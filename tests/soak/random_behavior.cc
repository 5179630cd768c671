#include "tests/soak/random_behavior.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "perfrig/v1/options.pb.h"

namespace perfrig::soak {
namespace {

using google::protobuf::Duration;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of Behavior, several values each; one of "" is left alone.
const std::vector<std::vector<const char*>>& Choices() {
  static const auto& choices = *new std::vector<std::vector<const char*>>{
      {"", "delay { fixed { nanos: 3000000 } }", "delay { fixed {} }",
       "delay { uniform { max { nanos: 9000000 } } }",
       "delay { normal { mean { nanos: 5000000 } stddev { nanos: 9000000 } } }",
       "delay { lognormal { median { nanos: 5000000 } sigma: 1 } }",
       "delay { exponential { nanos: 10000000 } }",
       "delay { pareto { scale { nanos: 1000000 } alpha: 1.5 } }",
       ("delay { quantiles { points { } "
        "points { quantile: 1 value { nanos: 500000000 } } } }"),
       ("delay { mixture { parts { weight: 9 delay { fixed {} } } parts { "
        "weight: 1 delay { exponential { nanos: 90000000 } } } } }")},
      {"", "capacity: 0", "capacity: 1", "capacity: 5", "capacity: 1000000"},
      {"", "queue_limit: 0", "queue_limit: 10", "queue_limit: 1000000"},
      {"", "", "bytes_per_second: 0", "bytes_per_second: 10000",
       "bytes_per_second: 1e12"},
      {"", "", "load_factor: 0", "load_factor: 0.01", "load_factor: 1000"},
      {"", "faults { rate: 0.5 status: 'ABORTED' }",
       "faults { rate: 0 drop: true }",
       "faults { rate: 0.05 hang: true } faults { rate: 0.2 drop: true }",
       ("faults { rate: 0.1 slow { nanos: 200000000 } } "
        "faults { rate: 0.9 status: 'DATA_LOSS' }")},
      {"", "",
       "stall { every { nanos: 50000000 } duration { nanos: 20000000 } }",
       "stall { every { seconds: 86400 } duration { nanos: 1 } }"},
      {"", "", "outage { duration { nanos: 15000000 } status: 'ABORTED' }",
       "outage { after { nanos: 5000000 } duration { nanos: 5000000 } }"},
      {"", "", "seed: 0", "seed: 18446744073709551615"},
  };
  return choices;
}

const std::vector<const char*>& Defaults() {
  static const auto& names = *new std::vector<const char*>{
      "delay",       "capacity", "queue_limit", "bytes_per_second",
      "load_factor", "faults",   "stall",       "outage",
      "seed"};
  return names;
}

const std::vector<const char*>& Mistakes() {
  static const auto& mistakes = *new std::vector<const char*>{
      "capacity: 1000001",
      "bytes_per_second: -1",
      "load_factor: nan",
      "faults { rate: 0.6 drop: true } faults { rate: 0.6 hang: true }",
      "faults { rate: 0.1 status: 'OK' }",
      "faults { rate: 0.1 }",
      "faults { rate: 0.1 status: 'NO_SUCH' }",
      "delay { fixed { seconds: 3601 } }",
      "delay { pareto { scale { seconds: 1 } alpha: 1 } }",
      "delay { quantiles { points {} } }",
      "delay { mixture {} }",
      "stall { every { seconds: 1 } duration { seconds: 1 } }",
      "outage { duration { seconds: 90000 } }",
  };
  return mistakes;
}

template <class Value>
const Value& OneOf(const std::vector<Value>& all, std::mt19937_64& random) {
  return all[random() % all.size()];
}

void Parse(const std::string& text, Message& message) {
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    std::abort();
  }
}

// The field of the oneof that is this target's; null where it has no options.
const FieldDescriptor* OptionsOf(const v1::Target& target) {
  const Message& behavior = target.default_behavior();
  return behavior.GetReflection()->GetOneofFieldDescriptor(
      behavior, behavior.GetDescriptor()->FindOneofByName("options"));
}

void SetOption(Message& options, const FieldDescriptor* field,
               std::mt19937_64& random) {
  const auto& set = *options.GetReflection();
  const v1::Range& range = field->options().GetExtension(v1::range);
  // In range, and mostly small.
  const auto number = [&](double most) {
    const std::vector<double> values = {range.min(), range.min() + 1, most / 50,
                                        most};
    return std::clamp(OneOf(values, random), range.min(), range.max());
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return set.SetUInt32(&options, field,
                           static_cast<std::uint32_t>(number(1'000)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return set.SetUInt64(&options, field,
                           static_cast<std::uint64_t>(number(1e6)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return set.SetDouble(&options, field, number(1));
    case FieldDescriptor::CPPTYPE_BOOL:
      return set.SetBool(&options, field, random() % 2 == 0);
    case FieldDescriptor::CPPTYPE_STRING:
      return set.SetString(&options, field, random() % 2 == 0 ? "" : "*a*");
    case FieldDescriptor::CPPTYPE_ENUM: {
      // Real back ends are not there.
      const int most = field->enum_type() == v1::BackEnd_descriptor()
                           ? static_cast<int>(v1::MOCK)
                           : field->enum_type()->value_count() - 1;
      return set.SetEnumValue(
          &options, field,
          1 + static_cast<int>(random() % static_cast<std::uint64_t>(most)));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      auto& time = static_cast<Duration&>(*set.MutableMessage(&options, field));
      const double seconds = std::max(range.min(), number(0.05) / 10);
      time.set_seconds(static_cast<std::int64_t>(seconds));
      time.set_nanos(
          static_cast<std::int32_t>((seconds - std::floor(seconds)) * 1e9));
      return;
    }
    default:
      std::abort();
  }
}

void SetOptions(const v1::Target& target, v1::Behavior& behavior,
                std::mt19937_64& random) {
  const FieldDescriptor* const own = OptionsOf(target);
  if (own == nullptr) return;
  Message& options =
      *v1::Behavior::GetReflection()->MutableMessage(&behavior, own);
  for (int i = 0; i < own->message_type()->field_count(); ++i) {
    if (random() % 4 == 0) {
      SetOption(options, own->message_type()->field(i), random);
    }
  }
}

}  // namespace

v1::UpdateBehaviorRequest RandomUpdate(const v1::Target& target,
                                       std::mt19937_64& random) {
  v1::UpdateBehaviorRequest request;
  request.set_name(target.name());
  v1::Behavior& behavior = *request.mutable_behavior();
  if (random() % 8 == 0) {
    // Named and not set.
    for (const char* name : Defaults()) {
      if (random() % 2 == 0) request.mutable_update_mask()->add_paths(name);
    }
    return request;
  }
  std::string text;
  for (const auto& values : Choices()) {
    text += OneOf(values, random);
    text += ' ';
  }
  Parse(text, behavior);
  if (random() % 2 == 0) SetOptions(target, behavior, random);
  return request;
}

v1::UpdateBehaviorRequest WrongUpdate(const v1::Target& target,
                                      std::mt19937_64& random) {
  v1::UpdateBehaviorRequest request = RandomUpdate(target, random);
  request.clear_update_mask();
  v1::Behavior wrong;
  Parse(OneOf(Mistakes(), random), wrong);
  std::vector<const FieldDescriptor*> fields;
  v1::Behavior::GetReflection()->ListFields(wrong, &fields);
  v1::Behavior& behavior = *request.mutable_behavior();
  for (const FieldDescriptor* field : fields) {
    v1::Behavior::GetReflection()->ClearField(&behavior, field);
  }
  behavior.MergeFrom(wrong);
  return request;
}

}  // namespace perfrig::soak
