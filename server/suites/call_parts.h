// What a call is made of once it is compiled, and everything that is wrong with
// one that cannot be.
#ifndef PERFRIG_SERVER_SUITES_CALL_PARTS_H_
#define PERFRIG_SERVER_SUITES_CALL_PARTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/strings/field_problem.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "perfrig/v1/suite.pb.h"
#include "server/suites/answer_path.h"
#include "server/suites/condition.h"
#include "server/suites/local_functions.h"
#include "server/suites/message_encoder.h"
#include "server/suites/observation.h"
#include "server/suites/template.h"

namespace perfrig::suites {

struct MetadataPart {
  std::string name;
  // Raw bytes; of constant values only.
  std::string constant;
  Template value;
  // The name ends in "-bin": values are base64 of what is sent.
  bool binary = false;
};

// Values taken from each answer, with their numbers among those of the test.
struct ObservedValue {
  std::size_t index = 0;
  Observation value;
};
struct CapturedValue {
  std::size_t index = 0;
  AnswerPath path;
};

struct CallParts {
  std::vector<std::unique_ptr<MessageEncoder>> messages;
  // How often they are sent.
  std::uint32_t repeat = 1;
  // Number of the field of bytes that is cut into chunks of `chunk_bytes`; 0:
  // none.
  int chunk_field = 0;
  std::size_t chunk_bytes = 0;
  std::vector<MetadataPart> metadata;
  // Bit n: status n is right.
  std::uint32_t statuses = 0;
  // Whether the call lists them.
  bool names_statuses = false;
  std::vector<Condition> conditions;
  // What makes an ok call a good one.
  std::optional<Condition> good;
  std::vector<ObservedValue> observed;
  std::vector<CapturedValue> captured;
};

struct CallContext {
  // Null: unknown, or a local function.
  const google::protobuf::MethodDescriptor* method = nullptr;
  // Of the whole test, in order.
  const std::vector<std::string>& observe_names;
  const std::vector<std::string>& capture_names;
  const TemplateScope& scope;
  // Outlives the parts.
  google::protobuf::MessageFactory& factory;
  // Test.good.
  std::string_view good = {};
  // Of a local function; null: any data will do.
  const CheckData* check_data = nullptr;
};

// What is wrong with a test's `good` for one of its calls, whose `method` may
// be null as in CallContext.
absl::Status CheckGood(std::string_view good, const v1::Call& call,
                       const google::protobuf::MethodDescriptor* method);

// Parts that cannot be made are left out; problems are added then.
CallParts MakeParts(const v1::Call& call, const CallContext& context,
                    std::vector<FieldProblem>& problems);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_CALL_PARTS_H_
