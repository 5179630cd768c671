#include "server/suites/message_encoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "google/protobuf/util/json_util.h"
#include "server/suites/json_value.h"

namespace perfrig::suites {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status ReadJson(std::string_view json, Message& message) {
  const google::protobuf::StringPiece text(json.data(), json.size());
  const auto status =
      google::protobuf::util::JsonStringToMessage(text, &message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(status.message().as_string());
}

// JSON that any field of the type takes.
std::string_view Placeholder(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return "\"\"";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "false";
    default:
      return "0";
  }
}

Message* Descend(Message* message, const std::vector<FieldStep>& path) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto& access = *message->GetReflection();
    message = path[i].index < 0 ? access.MutableMessage(message, path[i].field)
                                : access.MutableRepeatedMessage(
                                      message, path[i].field, path[i].index);
  }
  return message;
}

}  // namespace

std::unique_ptr<MessageEncoder> MessageEncoder::Create(
    std::string_view json, const Message* prototype, const TemplateScope& scope,
    const std::string& field, std::vector<FieldProblem>& problems) {
  const absl::StatusOr<JsonValue> value = ParseJson(json);
  if (!value.ok()) {
    problems.push_back({field, std::string(value.status().message())});
    return nullptr;
  }
  DataWalk walk = WalkData(
      *value, prototype == nullptr ? nullptr : prototype->GetDescriptor(),
      scope, field);
  if (!walk.problems.empty()) {
    std::move(walk.problems.begin(), walk.problems.end(),
              std::back_inserter(problems));
    return nullptr;
  }
  std::unique_ptr<MessageEncoder> encoder(
      new MessageEncoder(json, std::move(walk.places)));
  const absl::Status status = encoder->Prepare(prototype);
  if (status.ok()) return encoder;
  problems.push_back({field, std::string(status.message())});
  return nullptr;
}

MessageEncoder::MessageEncoder(std::string_view json,
                               std::vector<TemplatePlace> places)
    : json_(json), places_(std::move(places)) {}

absl::Status MessageEncoder::Prepare(const Message* prototype) {
  prototype_ = prototype;
  if (places_.empty()) return EncodeText(json_, encoded_);
  const bool fields =
      prototype != nullptr &&
      std::all_of(places_.begin(), places_.end(),
                  [](const TemplatePlace& p) { return !p.path.empty(); });
  if (!fields) return TrySamples();
  message_.reset(prototype->New());
  return ReadJson(Fill([](const TemplatePlace& place, std::string& out) {
                    out.append(Placeholder(*place.path.back().field));
                  }),
                  *message_);
}

std::vector<std::string> MessageEncoder::Samples() const {
  if (constant()) return {json_};
  const auto known = [](const TemplatePlace& place) {
    return place.value.predictable();
  };
  if (!std::all_of(places_.begin(), places_.end(), known)) return {};
  std::vector<std::string> samples;
  for (const bool greatest : {false, true}) {
    samples.push_back(Fill([&](const TemplatePlace& place, std::string& out) {
      if (place.quoted) out.push_back('"');
      AppendJsonEscaped(place.value.Sample(greatest), out);
      if (place.quoted) out.push_back('"');
    }));
  }
  return samples;
}

absl::Status MessageEncoder::TrySamples() const {
  for (const std::string& json : Samples()) {
    std::string ignored;
    absl::Status status = ParseJson(json).status();
    if (status.ok()) status = EncodeText(json, ignored);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "once its templates are filled: ", std::string(status.message())));
    }
  }
  return absl::OkStatus();
}

template <typename Render>
std::string MessageEncoder::Fill(const Render& render) const {
  std::string text;
  std::size_t at = 0;
  for (const TemplatePlace& place : places_) {
    text.append(json_, at, place.begin - at);
    render(place, text);
    at = place.end;
  }
  return text.append(json_, at);
}

absl::Status MessageEncoder::Encode(const RenderContext& context,
                                    std::string& out) const {
  if (constant()) {
    out = encoded_;
    return absl::OkStatus();
  }
  if (message_ != nullptr) return EncodeFields(context, out);
  return EncodeText(Fill([&](const TemplatePlace& place, std::string& text) {
                      std::string value;
                      place.value.Append(context, value);
                      if (place.quoted) text.push_back('"');
                      AppendJsonEscaped(value, text);
                      if (place.quoted) text.push_back('"');
                    }),
                    out);
}

absl::Status MessageEncoder::EncodeFields(const RenderContext& context,
                                          std::string& out) const {
  const std::unique_ptr<Message> message(message_->New());
  message->CopyFrom(*message_);
  std::string text;
  for (const TemplatePlace& place : places_) {
    const FieldStep& last = place.path.back();
    const bool raw =
        place.value.raw() && last.field->type() == FieldDescriptor::TYPE_BYTES;
    text.clear();
    if (raw) {
      place.value.AppendRaw(context, text);
    } else {
      place.value.Append(context, text);
    }
    const absl::Status status =
        SetField(*Descend(message.get(), place.path), last, text, raw);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(place.field, " ", std::string(status.message())));
    }
  }
  if (message->SerializeToString(&out)) return absl::OkStatus();
  return absl::InvalidArgumentError("the message cannot be encoded");
}

absl::Status MessageEncoder::EncodeText(std::string_view json,
                                        std::string& out) const {
  if (prototype_ == nullptr) {
    out = std::string(json);
    return absl::OkStatus();
  }
  const std::unique_ptr<Message> message(prototype_->New());
  RETURN_IF_ERROR(ReadJson(json, *message));
  if (message->SerializeToString(&out)) return absl::OkStatus();
  return absl::InvalidArgumentError("the message cannot be encoded");
}

}  // namespace perfrig::suites
