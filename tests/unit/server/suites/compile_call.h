// Calls of the mock targets, compiled, for tests.
#ifndef PERFRIG_TESTS_UNIT_SERVER_SUITES_COMPILE_CALL_H_
#define PERFRIG_TESTS_UNIT_SERVER_SUITES_COMPILE_CALL_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/database.pb.h"
#include "perfrig/target/v1/echo.pb.h"
#include "perfrig/target/v1/ingest.pb.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/suites/call_program.h"

namespace perfrig::suites {

namespace target = ::perfrig::target::v1;

// By "Service.Method" of the mock targets.
inline const google::protobuf::MethodDescriptor* Method(
    const std::string& name) {
  // Links the files of the targets.
  target::EchoRequest::descriptor();
  target::QueryRequest::descriptor();
  target::ObjectInfo::descriptor();
  target::UploadRequest::descriptor();
  return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      absl::StrCat("perfrig.target.v1.", name));
}

inline v1::Call CallWith(std::string_view text) {
  v1::Call call;
  EXPECT_TRUE(
      google::protobuf::TextFormat::ParseFromString(std::string(text), &call))
      << text;
  return call;
}

inline v1::Call CallWithData(std::string_view json) {
  v1::Call call;
  call.add_data(std::string(json));
  return call;
}

inline absl::StatusOr<std::unique_ptr<CallProgram>> TryCompile(
    const v1::Call& call, const google::protobuf::MethodDescriptor* method,
    const std::vector<std::string>& captures = {}, std::string_view good = {}) {
  v1::Test test;
  *test.add_calls() = call;
  std::vector<std::string> all = captures;
  for (const std::string& name : CaptureNames(test)) all.push_back(name);
  return CallProgram::Compile(call, method, ObserveNames(test), all,
                              {.variables = {{"TOKEN", "secret\"7"}}}, good);
}

inline std::unique_ptr<CallProgram> Compiled(
    const v1::Call& call, const google::protobuf::MethodDescriptor* method,
    const std::vector<std::string>& captures = {}) {
  auto program = TryCompile(call, method, captures);
  EXPECT_TRUE(program.ok()) << program.status();
  return *std::move(program);
}

// An answer of status OK.
inline AnswerView Ok(const std::string& message) {
  AnswerView answer;
  answer.message = message;
  return answer;
}

}  // namespace perfrig::suites

#endif  // PERFRIG_TESTS_UNIT_SERVER_SUITES_COMPILE_CALL_H_
