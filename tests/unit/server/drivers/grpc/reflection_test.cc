#include "server/drivers/grpc/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <string>

#include "server/drivers/grpc/framing.h"
#include "server/drivers/grpc/unary.h"
#include "tests/support/rude_server/rude_server.h"

namespace perfrig::drivers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Reply = RudeServer::Reply;
using Seen = RudeServer::Seen;

constexpr const char* kV1 =
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
constexpr const char* kV1Alpha =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// A shop whose service and messages stand in different files.
std::map<std::string, google::protobuf::FileDescriptorProto> ShopFiles() {
  std::map<std::string, google::protobuf::FileDescriptorProto> files;
  google::protobuf::FileDescriptorProto& messages = files["messages.proto"];
  messages.set_name("messages.proto");
  messages.set_package("shop");
  messages.add_message_type()->set_name("Order");
  google::protobuf::FileDescriptorProto& service = files["service.proto"];
  service.set_name("service.proto");
  service.set_package("shop");
  service.add_dependency("messages.proto");
  service.add_dependency("google/protobuf/any.proto");
  auto* declared = service.add_service();
  declared->set_name("Checkout");
  auto* method = declared->add_method();
  method->set_name("PlaceOrder");
  method->set_input_type(".shop.Order");
  method->set_output_type(".google.protobuf.Any");
  return files;
}

// Server reflection under one path; UNIMPLEMENTED under others.
class Reflector {
 public:
  explicit Reflector(std::string path)
      : path_(std::move(path)),
        server_({}, [this](const Seen& seen) { return Answer(seen); }) {}

  [[nodiscard]] const std::string& address() const { return server_.address(); }

 private:
  Reply Answer(const Seen& seen) const {
    if (seen.Header(":path") != path_) return RudeServer::Status(12, "");
    wire::ServerReflectionRequest question;
    question.ParseFromString(seen.body.substr(kPrefixBytes));
    wire::ServerReflectionResponse answer;
    if (question.has_list_services()) {
      answer.mutable_list_services_response()->add_service()->set_name(
          "shop.Checkout");
    } else if (question.file_containing_symbol() == "shop.Checkout") {
      Give("service.proto", answer);
    } else {
      Give(question.file_by_filename(), answer);
    }
    return RudeServer::Messages({answer.SerializeAsString()});
  }
  void Give(const std::string& file,
            wire::ServerReflectionResponse& answer) const {
    const auto found = files_.find(file);
    if (found == files_.end()) {
      answer.mutable_error_response()->set_error_code(5);
      return;
    }
    answer.mutable_file_descriptor_response()->add_file_descriptor_proto(
        found->second.SerializeAsString());
  }

  const std::string path_;
  const std::map<std::string, google::protobuf::FileDescriptorProto> files_ =
      ShopFiles();
  RudeServer server_;
};

absl::StatusOr<std::unique_ptr<ReflectedTypes>> TypesOf(
    Clock& clock, const std::string& address) {
  return ReflectedTypes::Connect(clock, address, clock.Now() + 10 * kSecond,
                                 {});
}

TEST(ReflectedTypes, FindsMethodsWithAllThatTheyImport) {
  for (const char* path : {kV1, kV1Alpha}) {
    SystemClock clock;
    const Reflector target(path);
    const auto types = TypesOf(clock, target.address());
    ASSERT_TRUE(types.ok()) << types.status();

    const auto method = (*types)->Find("shop.Checkout/PlaceOrder");

    ASSERT_TRUE(method.ok()) << method.status();
    EXPECT_EQ((*method)->input_type()->full_name(), "shop.Order");
    EXPECT_EQ((*method)->output_type()->full_name(), "google.protobuf.Any");
    EXPECT_EQ((*types)->Find("/shop.Checkout/PlaceOrder").value(), *method);
    EXPECT_THAT((*types)->Services().value(), ElementsAre("shop.Checkout"));
  }
}

TEST(ReflectedTypes, NamesTheNearestOfWhatItDoesNotFind) {
  SystemClock clock;
  const Reflector target(kV1);
  const auto types = TypesOf(clock, target.address());
  ASSERT_TRUE(types.ok()) << types.status();

  const absl::Status method =
      (*types)->Find("shop.Checkout/PlaceOrdr").status();
  const absl::Status service =
      (*types)->Find("shop.Checkuot/PlaceOrder").status();

  EXPECT_EQ(method.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(method.message()),
              HasSubstr("no method \"PlaceOrdr\" (did you mean PlaceOrder?)"));
  EXPECT_EQ(service.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(service.message()),
              HasSubstr("(did you mean shop.Checkout?)"));
  EXPECT_EQ((*types)->Find("Checkout").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ReflectedTypes, SaysThatATargetOffersNone) {
  SystemClock clock;
  const Reflector target("/none");

  const absl::Status status = TypesOf(clock, target.address()).status();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), StartsWith(target.address()));
}

TEST(ReflectedTypes, SurvivesAnswersThatMakeNoSense) {
  const std::string bodies[] = {RudeServer::Framed("\xff\xff"),
                                RudeServer::Framed(""), ""};
  for (const std::string& body : bodies) {
    SystemClock clock;
    RudeServer server({}, [&](const Seen&) {
      Reply reply;
      reply.body = body;
      return reply;
    });

    const auto types = TypesOf(clock, server.address());

    if (types.ok()) {
      EXPECT_FALSE((*types)->Find("shop.Checkout/PlaceOrder").ok());
    }
  }
}

TEST(ReflectedTypes, StopAskingWhenToldTo) {
  SystemClock clock;
  std::promise<void> asked;
  RudeServer target({}, [&](const Seen&) {
    asked.set_value();
    Reply reply;
    reply.hangs = true;
    return reply;
  });
  std::stop_source stop;
  auto types = std::async(std::launch::async, [&] {
    return ReflectedTypes::Connect(clock, target.address(), kNever,
                                   stop.get_token())
        .status();
  });
  asked.get_future().wait();

  stop.request_stop();

  EXPECT_EQ(types.get().code(), absl::StatusCode::kCancelled);
}

TEST(UnaryCall, GivesTheAnswerOrItsStatus) {
  SystemClock clock;
  RudeServer server({}, [](const Seen& seen) {
    return seen.Header("kind") == "bad" ? RudeServer::Status(9, "not now")
                                        : RudeServer::EchoBack(seen);
  });

  const auto good =
      UnaryCall(clock, server.address(), "/a.B/C", "hello", {}, kSecond, {});
  const auto bad = UnaryCall(clock, server.address(), "/a.B/C", "hello",
                             {{"kind", "bad"}}, kSecond, {});

  EXPECT_EQ(good.value(), "hello");
  EXPECT_EQ(bad.status(), absl::FailedPreconditionError("not now"));
}

TEST(UnaryCall, EndsAtItsTimeout) {
  SystemClock clock;
  RudeServer server({}, [](const Seen&) {
    Reply reply;
    reply.hangs = true;
    return reply;
  });

  const auto late = UnaryCall(clock, server.address(), "/a.B/C", "hello", {},
                              30 * kMillisecond, {});

  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace perfrig::drivers
