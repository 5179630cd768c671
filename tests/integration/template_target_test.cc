// The Template target over real gRPC.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/database.grpc.pb.h"
#include "perfrig/target/v1/object_store.grpc.pb.h"
#include "perfrig/target/v1/template.grpc.pb.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TemplateTargetTest : public TargetsTest {
 protected:
  using Stub = api::Template::Stub;

  api::FetchTemplateResponse Fetch(const std::string& name) {
    api::FetchTemplateRequest request;
    request.set_name(name);
    api::FetchTemplateResponse response;
    const grpc::Status status =
        Call(*templates_, &Stub::Fetch, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status Render(const std::string& request,
                      api::RenderResponse& response) {
    return Call(*templates_, &Stub::Render, Parse<api::RenderRequest>(request),
                response);
  }
  std::string Rendered(const std::string& request) {
    api::RenderResponse response;
    const grpc::Status status = Render(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.text();
  }
  std::string Refusal(const std::string& request) {
    api::RenderResponse response;
    const grpc::Status status = Render(request, response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  }
  void Store(const std::string& key, const std::string& content) {
    api::ObjectInfo info;
    ASSERT_TRUE(Put(key, content, info).ok());
  }
  void Execute(const std::string& statement) {
    api::ExecuteResponse response;
    ASSERT_TRUE(Call(*database_, &api::Database::Stub::Execute,
                     Parse<api::ExecuteRequest>(statement), response)
                    .ok());
  }
  // What stands behind it answers at once.
  void MakeQuick() {
    Set("database", "delay { fixed {} }");
    Set("object_store", "delay { fixed {} }");
  }

  std::unique_ptr<Stub> templates_ = api::Template::NewStub(channel_);
};

TEST_F(TemplateTargetTest, ATemplateComesFromDatabaseAndStoreThenFromMemory) {
  const Nanos start = clock_.Now();
  const auto cold = Fetch("welcome");
  const Nanos took = clock_.Now() - start;
  const std::string phases = phases_;
  const auto warm = Fetch("welcome");

  EXPECT_GE(took, 70 * kMillisecond);
  EXPECT_THAT(phases, AllOf(HasSubstr("database="), HasSubstr("object_store="),
                            HasSubstr("cache=")));
  EXPECT_FALSE(cold.cached());
  EXPECT_THAT(cold.text(), HasSubstr("{{USER}} asks: {{QUESTION}}"));
  EXPECT_EQ(cold.metadata().count("name"), 1);
  EXPECT_TRUE(warm.cached());
  EXPECT_EQ(warm.text(), cold.text());
  EXPECT_THAT(phases_, HasSubstr("cache="));
  EXPECT_EQ(StatisticsOf("object_store").started(), 1);
  EXPECT_EQ(StatisticsOf("database").started(), 1);
}

TEST_F(TemplateTargetTest, SeededTemplatesAreObjectsThatNobodyPut) {
  MakeQuick();
  const auto head = [&](const std::string& key, api::ObjectInfo& info) {
    api::HeadObjectRequest request;
    request.set_key(key);
    return Call(*objects_, &api::ObjectStore::Stub::HeadObject, request, info)
        .error_code();
  };
  api::ObjectInfo info;

  EXPECT_EQ(head("templates/welcome", info), grpc::StatusCode::OK);
  EXPECT_EQ(info.size_bytes(), Fetch("welcome").text().size());
  EXPECT_EQ(head("welcome", info), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(Fetch("welcome").text(), Fetch("goodbye").text());

  Store("templates/welcome", "Hello {{USER}}");
  EXPECT_TRUE(Fetch("welcome").cached());
  api::InvalidateTemplateResponse invalidated;
  ASSERT_TRUE(Call(*templates_, &Stub::Invalidate,
                   Parse<api::InvalidateTemplateRequest>("name: 'welcome'"),
                   invalidated)
                  .ok());
  EXPECT_EQ(invalidated.invalidated(), 1);
  EXPECT_EQ(Fetch("welcome").text(), "Hello {{USER}}");
}

TEST_F(TemplateTargetTest, TheRowNamesTheObject) {
  MakeQuick();
  Store("elsewhere", "here");
  Execute(R"(table: "templates" put { key: "moved"
      columns { key: "object" value: "elsewhere" } })");
  Execute(R"(table: "templates" delete: "gone")");

  EXPECT_EQ(Fetch("moved").text(), "here");
  api::FetchTemplateResponse response;
  EXPECT_EQ(Call(*templates_, &Stub::Fetch,
                 Parse<api::FetchTemplateRequest>("name: 'gone'"), response)
                .error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(TemplateTargetTest, ASeededTemplateHasLoopsAndConditionals) {
  MakeQuick();

  const std::string text = Rendered(R"(name: "complex-support" variables {
      fields { key: "TENANT" value { string_value: "acme" } }
      fields { key: "QUESTION" value { string_value: "1 < 2?" } }
      fields { key: "MESSAGES" value { list_value {
        values { struct_value {
          fields { key: "ROLE" value { string_value: "user" } }
          fields { key: "TEXT" value { string_value: "hi" } } } }
        values { struct_value {
          fields { key: "ROLE" value { string_value: "model" } }
          fields { key: "TOOLS" value { list_value { values { struct_value {
            fields { key: "NAME" value { string_value: "search" } }
            fields { key: "ARGUMENTS" value { list_value {
              values { string_value: "a" } values { number_value: 2 } } } }
          } } } } } } } } } } })");

  EXPECT_THAT(text, HasSubstr("for acme."));
  EXPECT_THAT(text, HasSubstr("Talking to somebody.\nuser: hi\nmodel: \n"
                              "  search(a, 2)\n"));
  EXPECT_THAT(text, HasSubstr(" asks: 1 &lt; 2?"));
  EXPECT_THAT(phases_, HasSubstr("render="));
  EXPECT_EQ(StateOf("template", "rendered"), 1);
}

TEST_F(TemplateTargetTest, ALimitEndsARendering) {
  Set("template", "template { output_bytes: 1000 }");
  api::RenderResponse response;

  const grpc::Status status =
      Render("text: '" + std::string(1'001, 'x') + "'", response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(),
            "output_bytes: the text must have at most 1000 bytes");
}

TEST_F(TemplateTargetTest, AStoredObjectThatIsNoTemplateIsToldApart) {
  MakeQuick();
  Store("templates/broken", "{{#A}}");
  Store("templates/large", std::string(300'000, 'x'));
  Store("templates/binary", "\xff\xfe");
  api::RenderResponse response;

  const grpc::Status broken = Render("name: 'broken'", response);
  EXPECT_EQ(broken.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(broken.error_message(),
            "template \"broken\": text: line 1: \"{{#A}}\" must be closed");
  EXPECT_EQ(Render("name: 'large'", response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Render("name: 'binary'", response).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(TemplateTargetTest, WhatIsKeptIsBoundedAndCounted) {
  MakeQuick();
  Set("template", "template { cache_bytes: 10000 }");
  for (int i = 0; i < 50; ++i) Fetch("t" + std::to_string(i));
  EXPECT_TRUE(Fetch("t49").cached());

  api::TemplateStatsResponse stats;
  ASSERT_TRUE(
      Call(*templates_, &Stub::Stats, api::TemplateStatsRequest(), stats).ok());
  EXPECT_LE(stats.cache().bytes(), 10'000);
  EXPECT_GT(stats.cache().evicted(), 0);
  EXPECT_EQ(stats.cache().hits(), 1);
  EXPECT_EQ(stats.queries(), 50);
  EXPECT_EQ(stats.store_reads(), 50);
  ASSERT_TRUE(host_.Reset("template").ok());

  EXPECT_FALSE(Fetch("t49").cached());
  EXPECT_EQ(StateOf("template", "queries"), 1);
}

TEST_F(TemplateTargetTest, TellsWhichFieldIsWrong) {
  EXPECT_EQ(Refusal(""), "template: needs name or text");
  EXPECT_EQ(Refusal("name: 'a/b'"),
            "name: must match [A-Za-z0-9_.-]{1,200}, got \"a/b\"");
  EXPECT_EQ(Refusal("text: 'one\\ntwo {{/A}}'"),
            "text: line 2: must close the section that was opened last, got "
            "\"{{/A}}\"");
}

TEST_F(TemplateTargetTest, AnExpiredCallLeavesTheStoreAtOnce) {
  Set("database", "delay { fixed {} }");
  Set("object_store", "delay { fixed { seconds: 600 } }");
  api::FetchTemplateResponse response;

  const grpc::Status status = Call(
      *templates_, &Stub::Fetch, Parse<api::FetchTemplateRequest>("name: 'a'"),
      response, absl::Milliseconds(50));

  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("template").in_flight() == 0 &&
           StatisticsOf("object_store").in_flight() == 0;
  }));
}

}  // namespace
}  // namespace perfrig::targets
