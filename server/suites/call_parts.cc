#include "server/suites/call_parts.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/strings/nearest.h"
#include "server/suites/message_chunks.h"

namespace perfrig::suites {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr std::uint32_t kAllStatuses = ~std::uint32_t{0};
constexpr std::uint32_t kOkOnly = 1;

bool IsLocal(const v1::Call& call) {
  return call.method().starts_with("local:");
}

ResponseType TypeOfResponse(const v1::Call& call,
                            const MethodDescriptor* method) {
  return {.known = method != nullptr || IsLocal(call),
          .type = method == nullptr ? nullptr : method->output_type()};
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

class PartsMaker {
 public:
  PartsMaker(const v1::Call& call, const CallContext& context,
             std::vector<FieldProblem>& problems)
      : call_(call),
        context_(context),
        problems_(problems),
        response_(TypeOfResponse(call, context.method)) {}

  CallParts Make() && {
    AddMessages();
    for (const v1::Metadata& metadata : call_.metadata()) AddMetadata(metadata);
    AddConditions();
    AddGood();
    AddStatuses();
    for (const v1::Observe& observe : call_.observe()) {
      AddObserved(observe);
    }
    for (const v1::Observe& capture : call_.capture()) {
      AddCaptured(capture);
    }
    return std::move(parts_);
  }

 private:
  void AddMessages() {
    const Message* prototype = nullptr;
    if (const MethodDescriptor* method = context_.method) {
      prototype = context_.factory.GetPrototype(method->input_type());
      if (!method->client_streaming() && call_.data_size() > 1) {
        Problem("data",
                absl::StrCat(method->full_name(), " takes one message, got ",
                             call_.data_size()));
      }
    }
    if (IsLocal(call_) && call_.data_size() > 1) {
      Problem("data", absl::StrCat(call_.method(), " takes one message, got ",
                                   call_.data_size()));
    }
    for (int i = 0; i < call_.data_size(); ++i) {
      AddMessage(call_.data(i), prototype, absl::StrCat("data[", i, "]"));
    }
    if (call_.data().empty()) AddMessage("{}", prototype, "data");
    parts_.repeat = std::max(1U, call_.messages().count());
    if (call_.messages().chunk_bytes() > 0 && prototype != nullptr) {
      parts_.chunk_bytes = call_.messages().chunk_bytes();
      const auto* field = BytesFieldOf(*prototype->GetDescriptor());
      parts_.chunk_field = field == nullptr ? 0 : field->number();
    }
  }

  void AddMessage(std::string_view json, const Message* prototype,
                  const std::string& field) {
    std::unique_ptr<MessageEncoder> encoder = MessageEncoder::Create(
        json, prototype, context_.scope, field, problems_);
    if (encoder == nullptr) return;
    if (context_.check_data != nullptr) CheckLocalData(*encoder, field);
    parts_.messages.push_back(std::move(encoder));
  }

  // As far as they are known; the first that is wrong tells enough.
  void CheckLocalData(const MessageEncoder& encoder, const std::string& field) {
    for (const std::string& sample : encoder.Samples()) {
      const auto wrong = (*context_.check_data)(sample);
      for (const FieldProblem& problem : wrong) {
        Problem(absl::StrCat(field, problem.field.empty() ? "" : ".",
                             problem.field),
                problem.message);
      }
      if (!wrong.empty()) return;
    }
  }

  void AddMetadata(const v1::Metadata& metadata) {
    const std::string field = absl::StrCat("metadata.", metadata.name());
    absl::StatusOr<Template> value =
        Template::Parse(metadata.value(), context_.scope);
    if (!value.ok()) return Problem(field, value.status());
    MetadataPart part;
    part.name = metadata.name();
    part.binary = part.name.ends_with("-bin");
    part.value = *std::move(value);
    const bool known = part.value.predictable() ||
                       (part.value.constant() && context_.scope.takes_values);
    const std::string sample = part.value.Sample(false);
    if (part.binary) {
      if (!absl::Base64Unescape(sample, &part.constant) && known &&
          !part.value.raw()) {
        return Problem(field, "must be base64: its name ends in -bin");
      }
    } else {
      if (known && !IsPrintable(sample)) {
        return Problem(field, "must be printable ASCII");
      }
      part.constant = sample;
    }
    parts_.metadata.push_back(std::move(part));
  }

  void AddConditions() {
    for (int i = 0; i < call_.check().conditions_size(); ++i) {
      absl::StatusOr<Condition> condition =
          Condition::Parse(call_.check().conditions(i), response_);
      if (!condition.ok()) {
        Problem(absl::StrCat("check.conditions[", i, "]"), condition.status());
        continue;
      }
      parts_.conditions.push_back(*std::move(condition));
    }
  }

  void AddGood() {
    if (context_.good.empty()) return;
    absl::StatusOr<Condition> good =
        Condition::ParseGood(context_.good, response_);
    if (!good.ok()) return Problem("good", good.status());
    parts_.good = *std::move(good);
  }

  void AddStatuses() {
    const auto& statuses = call_.check().status();
    for (int i = 0; i < statuses.size(); ++i) {
      if (const std::optional<int> code = StatusCode(statuses[i])) {
        parts_.statuses |= std::uint32_t{1} << *code;
        continue;
      }
      const std::vector<std::string> names(kStatusNames.begin(),
                                           kStatusNames.end());
      Problem(absl::StrCat("check.status[", i, "]"),
              absl::StrCat("unknown status \"", statuses[i], "\"",
                           DidYouMean(statuses[i], names)));
    }
    parts_.names_statuses = !statuses.empty();
    const bool judged = std::any_of(
        parts_.conditions.begin(), parts_.conditions.end(),
        [](const Condition& condition) { return condition.of_status(); });
    if (statuses.empty()) parts_.statuses = judged ? kAllStatuses : kOkOnly;
    const bool of_response = std::any_of(
        parts_.conditions.begin(), parts_.conditions.end(),
        [](const Condition& condition) { return condition.of_response(); });
    if (of_response && (parts_.statuses & kOkOnly) == 0) {
      Problem("check.conditions",
              "a response comes with status OK only, which check.status does "
              "not list");
    }
  }

  void AddObserved(const v1::Observe& observe) {
    const std::string field = absl::StrCat("observe.", observe.name());
    absl::StatusOr<Observation> value =
        Observation::Parse(observe.path(), response_);
    if (!value.ok()) return Problem(field, value.status());
    const auto index = NumberOf(field, observe.name(), context_.observe_names);
    if (index) parts_.observed.push_back({*index, *std::move(value)});
  }

  void AddCaptured(const v1::Observe& capture) {
    const std::string field = absl::StrCat("capture.", capture.name());
    absl::StatusOr<AnswerPath> path =
        AnswerPath::Parse(capture.path(), response_);
    if (!path.ok()) return Problem(field, path.status());
    const auto index = NumberOf(field, capture.name(), context_.capture_names);
    if (index) parts_.captured.push_back({*index, *std::move(path)});
  }

  std::optional<std::size_t> NumberOf(const std::string& field,
                                      const std::string& name,
                                      const std::vector<std::string>& names) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
      return static_cast<std::size_t>(found - names.begin());
    }
    Problem(field, "is not among the names of its test");
    return std::nullopt;
  }

  void Problem(std::string field, const absl::Status& status) {
    Problem(std::move(field), std::string(status.message()));
  }
  void Problem(std::string field, std::string message) {
    problems_.push_back({std::move(field), std::move(message)});
  }

  const v1::Call& call_;
  const CallContext& context_;
  std::vector<FieldProblem>& problems_;
  const ResponseType response_;
  CallParts parts_;
};

}  // namespace

absl::Status CheckGood(std::string_view good, const v1::Call& call,
                       const MethodDescriptor* method) {
  return Condition::ParseGood(good, TypeOfResponse(call, method)).status();
}

CallParts MakeParts(const v1::Call& call, const CallContext& context,
                    std::vector<FieldProblem>& problems) {
  return PartsMaker(call, context, problems).Make();
}

}  // namespace perfrig::suites
