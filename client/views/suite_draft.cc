#include "client/views/suite_draft.h"

#include <filesystem>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace perfrig {
namespace {

namespace pb = google::protobuf;

// Messages within messages; what lies deeper is left to people.
constexpr int kDeepest = 5;
constexpr std::size_t kLongestSuiteName = 63;
constexpr std::size_t kLongestTestName = 70;
constexpr char kNumber[] = R"("{{random 1 100}}")";

// How protobuf's JSON writes messages that are values of their own.
const std::map<std::string, std::string>& ValueTypes() {
  static const auto& types = *new std::map<std::string, std::string>{
      {"google.protobuf.Timestamp", R"("2026-01-01T00:00:00Z")"},
      {"google.protobuf.Duration", R"("1s")"},
      {"google.protobuf.FieldMask", R"("")"},
      {"google.protobuf.Struct", "{}"},
      {"google.protobuf.Value", R"("{{text 10}}")"},
      {"google.protobuf.ListValue", "[]"},
      {"google.protobuf.Empty", "{}"},
      {"google.protobuf.StringValue", R"("{{text 10}}")"},
      {"google.protobuf.BytesValue", R"("{{bytes 10}}")"},
      {"google.protobuf.BoolValue", "true"},
      {"google.protobuf.DoubleValue", kNumber},
      {"google.protobuf.FloatValue", kNumber},
      {"google.protobuf.Int32Value", kNumber},
      {"google.protobuf.Int64Value", kNumber},
      {"google.protobuf.UInt32Value", kNumber},
      {"google.protobuf.UInt64Value", kNumber},
  };
  return types;
}

std::string Blanks(int count) {
  return std::string(static_cast<std::size_t>(count), ' ');
}

// Of a field that is no message.
std::string ScalarOf(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return field.type() == pb::FieldDescriptor::TYPE_BYTES
                 ? R"("{{bytes 10}}")"
                 : R"("{{text 10}}")";
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return "true";
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return field.enum_type()->value(0)->name();
    default:
      return kNumber;
  }
}

// A key of a map, of which there is one: it need not differ.
std::string KeyOf(const pb::FieldDescriptor& key) {
  if (key.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) return "key";
  return key.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL ? R"("true")"
                                                             : R"("1")";
}

class MessageWriter {
 public:
  std::string Write(const pb::Descriptor& message, int indent) {
    std::string text;
    ++depth_;
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::FieldDescriptor& field = *message.field(i);
      const pb::OneofDescriptor* oneof = field.real_containing_oneof();
      if (oneof != nullptr && oneof->field(0) != &field) continue;
      absl::StrAppend(&text, Field(field, indent));
    }
    --depth_;
    return text;
  }

 private:
  std::string Field(const pb::FieldDescriptor& field, int indent) {
    const std::string name = absl::StrCat(Blanks(indent), field.name(), ":");
    if (field.is_map()) {
      const pb::Descriptor& entry = *field.message_type();
      const std::string value =
          Value(*entry.map_value(), indent + 2, /*in_list=*/false);
      if (value.empty()) return "";
      return absl::StrCat(name, "\n", Blanks(indent + 2),
                          KeyOf(*entry.map_key()), ":", value);
    }
    const std::string value = Value(field, indent, field.is_repeated());
    return value.empty() ? "" : name + value;
  }

  // What stands behind "name:", with its line's end; empty where a message is
  // too deep. An item of a list stands below it.
  std::string Value(const pb::FieldDescriptor& field, int indent,
                    bool in_list) {
    const std::string dash =
        in_list ? absl::StrCat("\n", Blanks(indent + 2), "- ") : " ";
    if (field.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      return absl::StrCat(dash, ScalarOf(field), "\n");
    }
    const pb::Descriptor& message = *field.message_type();
    const auto known = ValueTypes().find(message.full_name());
    if (known != ValueTypes().end()) {
      return absl::StrCat(dash, known->second, "\n");
    }
    if (depth_ >= kDeepest) return "";
    const int inner = indent + (in_list ? 4 : 2);
    const std::string fields = Write(message, inner);
    if (fields.empty()) return absl::StrCat(dash, "{}\n");
    if (!in_list) return "\n" + fields;
    return dash + fields.substr(static_cast<std::size_t>(inner));
  }

  int depth_ = 0;
};

// "perf/Check out.yaml" as "check-out".
std::string SuiteName(const std::string& file) {
  std::string name;
  for (const char c : std::filesystem::path(file).stem().string()) {
    const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
    if (absl::ascii_isalnum(static_cast<unsigned char>(lower))) {
      name += lower;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name = name.substr(0, kLongestSuiteName);
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "suite" : name;
}

// "PlaceOrder" as "place_order_latency": never the name of a metric.
std::string TestName(const std::string& method) {
  std::string name;
  for (const char c : method.substr(0, kLongestTestName / 2)) {
    const auto letter = static_cast<unsigned char>(c);
    if (absl::ascii_isupper(letter) && !name.empty() && name.back() != '_') {
      name += '_';
    }
    name += absl::ascii_tolower(letter);
  }
  return name + "_latency";
}

constexpr char kHead[] =
    R"(# A suite to start from: `perfrig check FILE` says whether it is right,
# `perfrig run FILE` runs it. docs/suites.md has all keys.
suite: )";

constexpr char kSuite[] = R"(
title: What this suite is about, in one line
# For choosing: perfrig run '*' --tag quick
tags: [quick]
# Where the calls go: host:port, dns:///name:port, unix:/path, or self, which
# are the daemon's own mock targets.
target: )";

constexpr char kTests[] = R"(
defaults:
  # A call fails when it takes longer.
  deadline: 5s
tests:
  )";

constexpr char kLoad[] =
    R"(    # What an answer must be; anything else is a failed call.
    check: { status: OK }
    # Five users, each waiting for its answer before the next call. As an open
    # loop, whatever comes back: { rate: 100/s, duration: 10s }
    load: { users: 5, duration: 10s }
    # Left out of all figures.
    warmup: 1s
    # docs/suites-thresholds.md has all metrics.
    expect:
      - latency.p95 < 100ms
      - errors.rate < 1%
)";

constexpr char kDoc[] =
    ":\n    # What it measures, and why the thresholds are what they are.\n"
    "    doc: A user waits for this call; 100 ms feel like at once.\n"
    "    call: ";

constexpr char kData[] =
    "    # Each call is another one: templates stand in docs/suites-data.md.\n";

std::string DataOf(const pb::MethodDescriptor* method) {
  if (method == nullptr) return "    data:\n      text: \"hello {{seq}}\"\n";
  const bool many = method->client_streaming();
  const int indent = many ? 8 : 6;
  const std::string fields = DraftMessage(*method->input_type(), indent);
  if (fields.empty()) return "";
  if (!many) return "    data:\n" + fields;
  return "    # A stream of messages: one here.\n    data:\n      - " +
         fields.substr(static_cast<std::size_t>(indent));
}

}  // namespace

std::string DraftMessage(const pb::Descriptor& message, int indent) {
  return MessageWriter().Write(message, indent);
}

std::string DraftSuite(const std::string& file, const std::string& target,
                       const pb::MethodDescriptor* method) {
  const std::string call =
      method == nullptr
          ? "perfrig.target.v1.Echo/Call"
          : absl::StrCat(method->service()->full_name(), "/", method->name());
  const std::string data = DataOf(method);
  return absl::StrCat(
      kHead, SuiteName(file), kSuite, target, kTests,
      method == nullptr ? "echo_latency" : TestName(method->name()), kDoc, call,
      "\n", data.empty() ? "" : kData, data, kLoad);
}

}  // namespace perfrig
