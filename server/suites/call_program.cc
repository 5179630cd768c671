#include "server/suites/call_program.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "google/protobuf/dynamic_message.h"
#include "server/suites/call_parts.h"
#include "server/suites/groups.h"
#include "server/suites/message_chunks.h"

namespace perfrig::suites {
namespace {

using google::protobuf::DynamicMessageFactory;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// What a call may hold in memory.
constexpr std::size_t kMostCallBytes = std::size_t{256} << 20;

std::unique_ptr<DynamicMessageFactory> MakeFactory() {
  auto factory = std::make_unique<DynamicMessageFactory>();
  // Types compiled into this process are quicker than dynamic ones.
  factory->SetDelegateToGeneratedFactory(true);
  return factory;
}

std::string Expected(std::uint32_t statuses) {
  std::string names;
  for (std::size_t code = 0; code < kStatusNames.size(); ++code) {
    if ((statuses >> code & 1) == 0) continue;
    absl::StrAppend(&names, names.empty() ? "" : " or ",
                    std::string(kStatusNames[code]));
  }
  return names;
}

class CompiledCall final : public CallProgram {
 public:
  // `response` is the default response, null where there is none.
  CompiledCall(std::unique_ptr<DynamicMessageFactory> factory, CallParts parts,
               const Message* response, std::size_t captures)
      : factory_(std::move(factory)),
        parts_(std::move(parts)),
        response_(response),
        captures_(captures) {
    wants_message_ =
        response != nullptr &&
        (std::any_of(parts_.conditions.begin(), parts_.conditions.end(),
                     [](const Condition& c) { return c.of_response(); }) ||
         (parts_.good.has_value() && parts_.good->of_response()) ||
         std::any_of(
             parts_.observed.begin(), parts_.observed.end(),
             [](const ObservedValue& o) { return o.value.of_response(); }) ||
         std::any_of(
             parts_.captured.begin(), parts_.captured.end(),
             [](const CapturedValue& c) { return c.path.of_response(); }));
    wants_answer_ =
        !parts_.observed.empty() || !parts_.captured.empty() ||
        parts_.good.has_value() ||
        std::any_of(parts_.conditions.begin(), parts_.conditions.end(),
                    [](const Condition& c) { return c.of_more_than_status(); });
  }

  bool constant() const override {
    return std::all_of(parts_.messages.begin(), parts_.messages.end(),
                       [](const auto& m) { return m->constant(); }) &&
           std::all_of(parts_.metadata.begin(), parts_.metadata.end(),
                       [](const auto& m) { return m.value.constant(); });
  }
  bool wants_message() const override { return wants_message_; }
  bool wants_answer() const override { return wants_answer_; }

  absl::Status Render(const RenderContext& context,
                      std::vector<std::string>& messages,
                      std::vector<std::pair<std::string, std::string>>&
                          metadata) const override {
    RETURN_IF_ERROR(RenderMessages(context, messages));
    metadata.resize(parts_.metadata.size());
    for (std::size_t i = 0; i < metadata.size(); ++i) {
      metadata[i].first = parts_.metadata[i].name;
      RETURN_IF_ERROR(
          RenderValue(parts_.metadata[i], context, metadata[i].second));
    }
    return absl::OkStatus();
  }

  CallVerdict Judge(const AnswerView& answer,
                    std::vector<std::string>& captured) const override {
    CallVerdict verdict;
    verdict.ok = StatusIsRight(answer.status);
    if (!verdict.ok) {
      verdict.reason = WrongStatus(answer.status);
      Capture(answer, nullptr, captured);
      return verdict;
    }
    std::unique_ptr<Message> response;
    if (wants_message_ && answer.status == 0) {
      response = Decode(answer.message);
      if (response == nullptr) {
        verdict.ok = false;
        verdict.reason = absl::StrCat(
            "the response cannot be decoded: ", answer.message.size(),
            " bytes are no ", response_->GetDescriptor()->full_name());
      }
    }
    for (const Condition& condition : parts_.conditions) {
      if (!verdict.ok) break;
      // Without status OK there is no response to judge.
      if (condition.of_response() && response == nullptr) continue;
      verdict.reason = condition.Test(answer, response.get());
      verdict.ok = verdict.reason.empty();
    }
    verdict.good = verdict.ok && parts_.good.has_value() &&
                   parts_.good->Test(answer, response.get()).empty();
    for (const ObservedValue& observed : parts_.observed) {
      const auto value = observed.value.Read(answer, response.get());
      if (value.has_value()) {
        verdict.observed.emplace_back(observed.index, *value);
      }
    }
    Capture(answer, response.get(), captured);
    return verdict;
  }

 private:
  absl::Status RenderMessages(const RenderContext& context,
                              std::vector<std::string>& messages) const {
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (std::uint32_t i = 0; i < parts_.repeat; ++i) {
      for (const auto& encoder : parts_.messages) {
        if (count == messages.size()) messages.emplace_back();
        RETURN_IF_ERROR(encoder->Encode(context, messages[count]));
        bytes += messages[count].size();
        if (bytes > kMostCallBytes) {
          return absl::ResourceExhaustedError(
              "the messages of one call have more than 256 MiB together");
        }
        count += parts_.chunk_field == 0
                     ? 1
                     : CutIntoChunks(parts_.chunk_field, parts_.chunk_bytes,
                                     count, messages);
      }
    }
    messages.resize(count);
    return absl::OkStatus();
  }

  static absl::Status RenderValue(const MetadataPart& part,
                                  const RenderContext& context,
                                  std::string& value) {
    if (part.value.constant()) {
      value = part.constant;
      return absl::OkStatus();
    }
    value.clear();
    if (part.binary && part.value.raw()) {
      part.value.AppendRaw(context, value);
      return absl::OkStatus();
    }
    std::string text;
    part.value.Append(context, text);
    if (part.binary) {
      if (absl::Base64Unescape(text, &value)) return absl::OkStatus();
      return absl::InvalidArgumentError(
          absl::StrCat("metadata.", part.name, " must be base64"));
    }
    if (!std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; })) {
      return absl::InvalidArgumentError(
          absl::StrCat("metadata.", part.name, " must be printable ASCII"));
    }
    value = std::move(text);
    return absl::OkStatus();
  }

  bool StatusIsRight(int status) const {
    if (status < 0 || static_cast<std::size_t>(status) >= kStatusNames.size()) {
      return false;
    }
    return (parts_.statuses >> status & 1) != 0;
  }

  // The status says it all where OK was expected.
  std::string WrongStatus(int status) const {
    if (!parts_.names_statuses) return "";
    return absl::StrCat("status ", std::string(StatusName(status)),
                        ", expected ", Expected(parts_.statuses));
  }

  std::unique_ptr<Message> Decode(std::string_view bytes) const {
    std::unique_ptr<Message> message(response_->New());
    if (!message->ParseFromArray(bytes.data(),
                                 static_cast<int>(bytes.size()))) {
      return nullptr;
    }
    return message;
  }

  void Capture(const AnswerView& answer, const Message* response,
               std::vector<std::string>& captured) const {
    if (parts_.captured.empty()) return;
    if (captured.size() < captures_) captured.resize(captures_);
    for (const CapturedValue& taken : parts_.captured) {
      captured[taken.index] = ToText(taken.path.Read(answer, response));
    }
  }

  // Made the types of all messages below.
  const std::unique_ptr<DynamicMessageFactory> factory_;
  const CallParts parts_;
  const Message* const response_;
  const std::size_t captures_;
  bool wants_message_ = false;
  bool wants_answer_ = false;
};

std::string Joined(const std::vector<FieldProblem>& problems) {
  std::string text;
  for (const FieldProblem& problem : problems) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", problem.field, ": ",
                    problem.message);
  }
  return text;
}

void AddNames(const google::protobuf::RepeatedPtrField<v1::Observe>& values,
              std::vector<std::string>& names) {
  for (const v1::Observe& value : values) {
    if (std::find(names.begin(), names.end(), value.name()) == names.end()) {
      names.push_back(value.name());
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<CallProgram>> CallProgram::Compile(
    const v1::Call& call, const MethodDescriptor* method,
    const std::vector<std::string>& observe_names,
    const std::vector<std::string>& capture_names, const Supplied& supplied,
    std::string_view good) {
  std::unique_ptr<DynamicMessageFactory> factory = MakeFactory();
  const TemplateScope scope{capture_names, &supplied};
  std::vector<FieldProblem> problems;
  CallParts parts = MakeParts(
      call, {method, observe_names, capture_names, scope, *factory, good},
      problems);
  if (!problems.empty()) return absl::InvalidArgumentError(Joined(problems));
  const Message* response = method == nullptr
                                ? nullptr
                                : factory->GetPrototype(method->output_type());
  return std::make_unique<CompiledCall>(std::move(factory), std::move(parts),
                                        response, capture_names.size());
}

std::vector<FieldProblem> CheckCall(
    const v1::Call& call, const MethodDescriptor* method,
    const std::vector<std::string>& capture_names, const Supplied* supplied,
    const CheckData* check_data) {
  const std::unique_ptr<DynamicMessageFactory> factory = MakeFactory();
  const TemplateScope scope{capture_names, supplied, /*takes_values=*/false};
  // The call's own captures are for later calls.
  std::vector<std::string> observes;
  std::vector<std::string> captures;
  AddNames(call.observe(), observes);
  AddNames(call.capture(), captures);
  std::vector<FieldProblem> problems;
  MakeParts(call,
            {.method = method,
             .observe_names = observes,
             .capture_names = captures,
             .scope = scope,
             .factory = *factory,
             .check_data = check_data},
            problems);
  return problems;
}

std::vector<std::string> ObserveNames(const v1::Test& test) {
  std::vector<std::string> names;
  for (const GroupView& group : GroupsOf(test)) {
    for (const v1::Call& call : *group.calls) AddNames(call.observe(), names);
  }
  return names;
}

std::vector<std::string> CaptureNames(const v1::Test& test) {
  std::vector<std::string> names;
  for (const v1::Action& action : test.before()) {
    AddNames(action.call().capture(), names);
  }
  for (const GroupView& group : GroupsOf(test)) {
    for (const v1::Call& call : *group.calls) AddNames(call.capture(), names);
  }
  return names;
}

}  // namespace perfrig::suites
