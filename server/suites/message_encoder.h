// One message of a call's data, compiled: JSON text with templates in, encoded
// bytes out.
//
// Data without templates are encoded once. Templates that fill fields are set
// on a copy of the message, which was read once; only those in odd places
// (keys and values of maps, well-known types) have the whole JSON text written
// and read for every call.
#ifndef PERFRIG_SERVER_SUITES_MESSAGE_ENCODER_H_
#define PERFRIG_SERVER_SUITES_MESSAGE_ENCODER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/strings/field_problem.h"
#include "google/protobuf/message.h"
#include "server/suites/call_program.h"
#include "server/suites/data_walker.h"

namespace perfrig::suites {

class MessageEncoder {
 public:
  // `prototype` is the type's default message and outlives this; null: the
  // data are passed on as JSON text. Null is returned where there are problems,
  // which are added; `field` names the data in them.
  static std::unique_ptr<MessageEncoder> Create(
      std::string_view json, const google::protobuf::Message* prototype,
      const TemplateScope& scope, const std::string& field,
      std::vector<FieldProblem>& problems);

  bool constant() const { return places_.empty(); }
  // The JSON text with the smallest and the greatest that its templates give,
  // once where there are none; nothing where they give what is not known yet.
  std::vector<std::string> Samples() const;
  // Replaces `out`. Safe from several threads at once.
  absl::Status Encode(const RenderContext& context, std::string& out) const;

 private:
  MessageEncoder(std::string_view json, std::vector<TemplatePlace> places);

  absl::Status Prepare(const google::protobuf::Message* prototype);
  absl::Status TrySamples() const;
  // The JSON text with what `render` adds in place of each template.
  template <typename Render>
  std::string Fill(const Render& render) const;
  absl::Status EncodeFields(const RenderContext& context,
                            std::string& out) const;
  absl::Status EncodeText(std::string_view json, std::string& out) const;

  std::string json_;
  std::vector<TemplatePlace> places_;
  // Constant data, encoded.
  std::string encoded_;
  // Null: JSON text is passed on.
  const google::protobuf::Message* prototype_ = nullptr;
  // With everything but the templates; null where those cannot be set.
  std::unique_ptr<google::protobuf::Message> message_;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_MESSAGE_ENCODER_H_
