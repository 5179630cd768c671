#include "server/suites/answer_path.h"

#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "common/strings/phases.h"
#include "server/suites/field_values.h"

namespace perfrig::suites {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr double kNanosASecond = 1e9;

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// "rows" and 0 of "rows[0]"; -1 where there is no index.
struct Word {
  std::string_view name;
  int index = -1;
};

absl::StatusOr<Word> ReadWord(std::string_view text) {
  const std::size_t open = text.find('[');
  Word word{text.substr(0, open)};
  if (open == std::string_view::npos) return word;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data() + open + 1, end, word.index);
  if (result.ec != std::errc() || word.index < 0 ||
      std::string_view(result.ptr,
                       static_cast<std::size_t>(end - result.ptr)) != "]") {
    return absl::InvalidArgumentError(
        absl::StrCat("an index is written ", std::string(word.name),
                     "[0], got ", std::string(text)));
  }
  return word;
}

AnswerPath::Kind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return AnswerPath::Kind::kText;
    case FieldDescriptor::CPPTYPE_BOOL:
      return AnswerPath::Kind::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return AnswerPath::Kind::kEnum;
    default:
      return AnswerPath::Kind::kNumber;
  }
}

// Null where it did not come.
const std::string* FindTrailer(const AnswerView& answer,
                               std::string_view name) {
  if (answer.trailers == nullptr) return nullptr;
  for (const auto& [each, value] : *answer.trailers) {
    if (each == name) return &value;
  }
  return nullptr;
}

absl::Status Unknown(std::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown value \"", std::string(text), "\"; there are response.FIELD, ",
      "trailer.NAME, phase.NAME, call.latency, call.service and status",
      DidYouMean(text.substr(0, text.find('.')),
                 {"response", "trailer", "phase", "call", "status"})));
}

}  // namespace

absl::StatusOr<AnswerPath> AnswerPath::Parse(std::string_view text,
                                             const ResponseType& response) {
  AnswerPath path;
  const std::size_t dot = text.find('.');
  const std::string_view root = text.substr(0, dot);
  const std::string_view rest =
      dot == std::string_view::npos ? "" : text.substr(dot + 1);
  if (text == "status") {
    path.source_ = Source::kStatus;
    path.kind_ = Kind::kStatus;
  } else if (text == "call.latency" || text == "call.service") {
    path.source_ = rest == "latency" ? Source::kLatency : Source::kService;
    path.kind_ = Kind::kTime;
  } else if (root == "trailer" && !rest.empty()) {
    path.source_ = Source::kTrailer;
    path.name_ = std::string(rest);
  } else if (root == "phase" && !rest.empty() &&
             rest.find('.') == std::string_view::npos) {
    path.source_ = Source::kPhase;
    path.kind_ = Kind::kTime;
    path.name_ = std::string(rest);
  } else if (root == "response" && !rest.empty()) {
    if (response.known && response.type == nullptr) {
      return absl::InvalidArgumentError(
          "a local function's response has no fields");
    }
    if (response.type != nullptr) {
      RETURN_IF_ERROR(path.AddFields(rest, response.type));
      RETURN_IF_ERROR(path.Finish());
    }
  } else if (root == "call" && !rest.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown value \"", std::string(text), "\"",
                     DidYouMean(text, {"call.latency", "call.service"})));
  } else {
    return Unknown(text);
  }
  return path;
}

absl::Status AnswerPath::AddFields(std::string_view text,
                                   const Descriptor* type) {
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view word = text.substr(0, dot);
    if (type != nullptr) {
      RETURN_IF_ERROR(AddField(word, *type));
    } else {
      Step& last = steps_.back();
      const bool list = last.field->is_repeated() && last.index < 0;
      if (last.field->is_map() && last.key.empty()) {
        last.key = std::string(word);
      } else if (list && word == "size" && dot == std::string_view::npos) {
        size_ = true;
      } else if (list) {
        return Finish();
      } else {
        return absl::InvalidArgumentError(
            absl::StrCat(last.field->name(), " is ", TypeName(*last.field),
                         " and has no field \"", std::string(word), "\""));
      }
    }
    if (dot == std::string_view::npos) return absl::OkStatus();
    text.remove_prefix(dot + 1);
    const Step& last = steps_.back();
    const FieldDescriptor* value = last.field;
    if (value->is_map() && !last.key.empty()) {
      value = value->message_type()->map_value();
    } else if (value->is_repeated() && last.index < 0) {
      value = nullptr;
    }
    type =
        value != nullptr && IsMessage(*value) ? value->message_type() : nullptr;
  }
}

absl::Status AnswerPath::AddField(std::string_view text,
                                  const Descriptor& type) {
  ASSIGN_OR_RETURN(const Word word, ReadWord(text));
  Step step;
  step.field = FindField(type, word.name);
  step.index = word.index;
  if (step.field == nullptr) {
    return absl::InvalidArgumentError(NoSuchField(type, word.name));
  }
  if (step.index >= 0 && (!step.field->is_repeated() || step.field->is_map())) {
    return absl::InvalidArgumentError(
        absl::StrCat(step.field->name(), " is no list and takes no index"));
  }
  steps_.push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status AnswerPath::Finish() {
  kind_ = Kind::kNumber;
  if (size_) return absl::OkStatus();
  const Step& last = steps_.back();
  const FieldDescriptor* field = last.field;
  const std::string& name = field->name();
  if (field->is_map()) {
    if (last.key.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " is a map: write ", name, ".KEY or ", name, ".size"));
    }
    if (last.key == "size") {
      size_ = true;
      return absl::OkStatus();
    }
    field = field->message_type()->map_value();
  } else if (field->is_repeated() && last.index < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is a list: write ", name, "[0] or ", name, ".size"));
  }
  if (IsMessage(*field)) {
    std::string names;
    for (const std::string& inner : FieldNames(*field->message_type())) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", inner);
    }
    return absl::InvalidArgumentError(absl::StrCat(
        name, " is ", TypeName(*field), "; name one of its fields: ", names));
  }
  kind_ = KindOf(*field);
  return absl::OkStatus();
}

const EnumDescriptor* AnswerPath::enumeration() const {
  if (kind_ != Kind::kEnum) return nullptr;
  const FieldDescriptor* field = steps_.back().field;
  if (field->is_map()) field = field->message_type()->map_value();
  return field->enum_type();
}

AnswerValue AnswerPath::Read(const AnswerView& answer,
                             const Message* response) const {
  switch (source_) {
    case Source::kStatus:
      return EnumValue{std::string(StatusName(answer.status)), answer.status};
    case Source::kLatency:
      return static_cast<double>(answer.latency) / kNanosASecond;
    case Source::kService:
      return static_cast<double>(answer.service) / kNanosASecond;
    case Source::kTrailer:
      if (const std::string* value = FindTrailer(answer, name_)) return *value;
      return {};
    case Source::kPhase:
      if (const std::string* phases = FindTrailer(answer, kPhasesTrailer)) {
        const std::optional<Nanos> time = FindPhase(*phases, name_);
        if (time) return static_cast<double>(*time) / kNanosASecond;
      }
      return {};
    case Source::kResponse:
      return response == nullptr ? AnswerValue() : ReadResponse(*response);
  }
  return {};
}

AnswerValue AnswerPath::ReadResponse(const Message& response) const {
  const Message* message = &response;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    const auto& access = *message->GetReflection();
    const bool last = i + 1 == steps_.size();
    if (last && size_) {
      return std::int64_t{access.FieldSize(*message, step.field)};
    }
    if (step.field->is_map()) {
      message = FindEntry(*message, step.field, step.key);
      if (message == nullptr) return {};
      const FieldDescriptor* value = step.field->message_type()->map_value();
      if (!IsMessage(*value)) return ReadOne(*message, value);
      message = &message->GetReflection()->GetMessage(*message, value);
    } else if (step.index >= 0) {
      if (step.index >= access.FieldSize(*message, step.field)) return {};
      if (last) return ReadAt(*message, step.field, step.index);
      message = &access.GetRepeatedMessage(*message, step.field, step.index);
    } else {
      if (last) return ReadOne(*message, step.field);
      message = &access.GetMessage(*message, step.field);
    }
  }
  return {};
}

}  // namespace perfrig::suites
