// The ObjectStore target, and those that stand before it, over a real S3
// server.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/ingest.grpc.pb.h"
#include "perfrig/target/v1/template.grpc.pb.h"
#include "tests/integration/targets_fixture.h"
#include "tests/support/servers/s3_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t kMegabyte = 1'000'000;

std::string Bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = size;
  for (char& byte : bytes) {
    state = state * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

class RealObjectStoreTest : public ServerTest<S3Server, TargetsTest> {
 protected:
  RealObjectStoreTest() : ServerTest(Options()) {}

  static HostOptions Options() {
    HostOptions options = Allowing();
    options.object_store_bytes = 16U << 20;
    if (server_ != nullptr) options.s3 = server_->Url();
    return options;
  }

  void SetUp() override {
    ServerTest::SetUp();
    if (server_ == nullptr) return;
    ASSERT_TRUE(server_->Start().ok());
    Set("object_store", "object_store { back_end: REAL }");
    // What the test before left.
    for (const std::string& key : Keys()) {
      grpc::ClientContext context;
      api::DeleteObjectRequest request;
      request.set_key(key);
      api::DeleteObjectResponse response;
      ASSERT_TRUE(objects_->DeleteObject(&context, request, &response).ok());
    }
    ASSERT_THAT(Keys(), IsEmpty());
  }

  grpc::Status Head(const std::string& key, api::ObjectInfo& info) {
    grpc::ClientContext context;
    api::HeadObjectRequest request;
    request.set_key(key);
    return objects_->HeadObject(&context, request, &info);
  }
  grpc::StatusCode HeadCode(const std::string& key) {
    api::ObjectInfo info;
    return Head(key, info).error_code();
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    api::ListObjectsRequest request;
    request.set_page_size(2);
    do {
      grpc::ClientContext context;
      api::ListObjectsResponse page;
      const grpc::Status status =
          objects_->ListObjects(&context, request, &page);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const auto& object : page.objects()) keys.push_back(object.key());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return keys;
  }
  // An upload that has sent so much and goes on.
  struct Begun {
    grpc::ClientContext context;
    api::ObjectInfo info;
    std::unique_ptr<grpc::ClientWriter<api::PutObjectRequest>> writer;
  };
  std::unique_ptr<Begun> Begin(const std::string& key, std::size_t bytes) {
    auto begun = std::make_unique<Begun>();
    begun->writer = objects_->PutObject(&begun->context, &begun->info);
    api::PutObjectRequest part;
    part.mutable_header()->set_key(key);
    begun->writer->Write(part);
    for (std::size_t sent = 0; sent < bytes; sent += kMegabyte) {
      part.set_chunk(Bytes(kMegabyte));
      begun->writer->Write(part);
    }
    return begun;
  }
};

TEST_F(RealObjectStoreTest, AllFiveCallsGoToTheRealStore) {
  const std::string content = Bytes(300'000);
  api::ObjectInfo put;
  const grpc::Status status = Put("a/b", content, put);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_TRUE(Put("c", "c", put).ok());
  ASSERT_TRUE(Put("d", "d", put).ok());
  api::ObjectInfo head;
  std::string whole;
  std::string part;
  std::string behind;
  grpc::ClientContext context;
  api::DeleteObjectRequest request;
  request.set_key("c");
  api::DeleteObjectResponse deleted;

  EXPECT_THAT(Keys(), ElementsAre("a/b", "c", "d"));
  EXPECT_TRUE(Head("a/b", head).ok());
  EXPECT_EQ(head.size_bytes(), content.size());
  EXPECT_EQ(head.sha256().size(), 64);
  EXPECT_TRUE(Get("a/b", 0, 0, whole).ok());
  EXPECT_TRUE(whole == content);
  EXPECT_TRUE(Get("a/b", 299'990, 100, part).ok());
  EXPECT_EQ(part, content.substr(299'990));
  EXPECT_EQ(Get("a/b", 300'001, 0, behind).error_code(),
            grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_TRUE(objects_->DeleteObject(&context, request, &deleted).ok());
  EXPECT_TRUE(deleted.deleted());
  EXPECT_EQ(HeadCode("c"), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(StateOf("object_store", "objects"), 0);
  EXPECT_EQ(StateOf("object_store", "bytes"), 0);
}

TEST_F(RealObjectStoreTest, WhatIsTooLargeForMemoryGoesThrough) {
  const std::string content = Bytes(20 * kMegabyte);
  api::ObjectInfo info;

  for (int i = 0; i < 3; ++i) {
    const grpc::Status status = Put(absl::StrCat(i), content, info);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(info.sha256().size(), 64);
    EXPECT_EQ(StateOf("object_store", "bytes"), 0);
  }

  std::string read;
  EXPECT_TRUE(Get("2", 0, 0, read).ok());
  EXPECT_TRUE(read == content);
}

TEST_F(RealObjectStoreTest, UploadsThatWaitHoldNoMoreThanTheStoreMay) {
  std::vector<std::unique_ptr<Begun>> begun;
  // Of a part of 8 MiB each.
  for (int i = 0; i < 3; ++i) {
    begun.push_back(Begin(absl::StrCat(i), 6 * kMegabyte));
  }

  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("object_store")
        .finished()
        .contains("RESOURCE_EXHAUSTED");
  }));
  EXPECT_LE(StateOf("object_store", "bytes"), 16U << 20);

  for (const auto& each : begun) each->context.TryCancel();
  for (const auto& each : begun) each->writer->Finish();
  EXPECT_TRUE(
      Eventually([&] { return StateOf("object_store", "bytes") == 0; }));
}

TEST_F(RealObjectStoreTest, AContentOfAnotherDigestIsNotKept) {
  api::ObjectInfo info;

  EXPECT_EQ(
      Put("bad", Bytes(9 * kMegabyte), info, std::string(64, '0')).error_code(),
      grpc::StatusCode::DATA_LOSS);

  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(RealObjectStoreTest, AnUploadThatIsGivenUpLeavesNothing) {
  const auto begun = Begin("given-up", 9 * kMegabyte);
  api::PutObjectRequest part;
  part.set_chunk(Bytes(500'000));
  begun->writer->Write(part);
  // A part has gone, this is the rest.
  ASSERT_TRUE(
      Eventually([&] { return StateOf("object_store", "bytes") == 500'000; }));

  begun->context.TryCancel();

  EXPECT_EQ(begun->writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("object_store").in_flight() == 0 &&
           StateOf("object_store", "bytes") == 0;
  }));
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(RealObjectStoreTest, ASwitchHoldsForCallsThatComeLater) {
  const auto begun = Begin("begun", kMegabyte);
  ASSERT_TRUE(Eventually(
      [&] { return StateOf("object_store", "bytes") == kMegabyte; }));

  Set("object_store", "object_store { back_end: MOCK }");
  EXPECT_EQ(HeadCode("begun"), grpc::StatusCode::NOT_FOUND);
  begun->writer->WritesDone();
  EXPECT_TRUE(begun->writer->Finish().ok());

  EXPECT_EQ(HeadCode("begun"), grpc::StatusCode::NOT_FOUND);
  Set("object_store", "object_store { back_end: REAL }");
  EXPECT_EQ(HeadCode("begun"), grpc::StatusCode::OK);
}

TEST_F(RealObjectStoreTest, AResetLeavesWhatIsInTheBucket) {
  api::ObjectInfo info;
  ASSERT_TRUE(Put("kept", "content", info).ok());

  ASSERT_TRUE(host_.Reset("object_store").ok());

  EXPECT_EQ(HeadCode("kept"), grpc::StatusCode::NOT_FOUND);
  Set("object_store", "object_store { back_end: REAL }");
  EXPECT_EQ(HeadCode("kept"), grpc::StatusCode::OK);
}

TEST_F(RealObjectStoreTest, AServerThatGoesIsUnavailableUntilItIsBack) {
  api::ObjectInfo info;
  ASSERT_TRUE(Put("a", Bytes(kMegabyte), info).ok());
  const auto begun = Begin("begun", 10 * kMegabyte);

  server_->Stop();

  begun->writer->WritesDone();
  EXPECT_EQ(begun->writer->Finish().error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(HeadCode("a"), grpc::StatusCode::UNAVAILABLE);
  std::string none;
  EXPECT_EQ(Get("a", 0, 0, none).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StatisticsOf("object_store").in_flight(), 0);
  ASSERT_TRUE(server_->Start().ok());
  EXPECT_EQ(HeadCode("a"), grpc::StatusCode::OK);
}

TEST_F(RealObjectStoreTest, NothingIsAddedUnlessTheBehaviorSaysSo) {
  api::ObjectInfo info;
  ASSERT_TRUE(Put("a", Bytes(kMegabyte), info).ok());
  ASSERT_EQ(HeadCode("a"), grpc::StatusCode::OK);
  EXPECT_EQ(StatisticsOf("object_store").injected().max_ns(), 0);

  Set("object_store",
      "bytes_per_second: 5e6 delay { fixed { nanos: 1000000 } }");
  const Nanos began = clock_.Now();
  std::string content;
  EXPECT_TRUE(Get("a", 0, 0, content).ok());
  EXPECT_GE(clock_.Now() - began, 200 * kMillisecond);
  EXPECT_GT(StatisticsOf("object_store").injected().max_ns(), 0);

  Set("object_store", "faults { rate: 1 status: \"ABORTED\" }");
  EXPECT_EQ(HeadCode("a"), grpc::StatusCode::ABORTED);
}

TEST_F(RealObjectStoreTest, AResetEndsWhatWaitsForTheServer) {
  server_->Freeze();
  grpc::Status status;
  std::atomic<bool> ended = false;
  std::thread asks([&] {
    grpc::ClientContext context;
    api::ListObjectsResponse response;
    status = objects_->ListObjects(&context, {}, &response);
    ended = true;
  });
  EXPECT_TRUE(Eventually(
      [&] { return StatisticsOf("object_store").in_flight() == 1; }));

  // Whether it waits already or is about to.
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(host_.Reset("object_store").ok());
    return ended.load();
  }));

  // What had not been ended would be now.
  server_->Stop();
  asks.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the target was reset");
}

TEST_F(RealObjectStoreTest, TemplatesAreReadThere) {
  Set("database", "delay { fixed {} }");
  const auto templates = api::Template::NewStub(channel_);
  const auto text = [&](const std::string& name) {
    grpc::ClientContext context;
    api::FetchTemplateRequest request;
    request.set_name(name);
    api::FetchTemplateResponse response;
    const grpc::Status status = templates->Fetch(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.text();
  };
  api::ObjectInfo info;
  ASSERT_TRUE(Put("templates/put", "Hello {{NAME}}", info).ok());

  EXPECT_EQ(text("put"), "Hello {{NAME}}");
  // Made from the seed where the store has none.
  EXPECT_NE(text("simple"), "");
  EXPECT_EQ(HeadCode("templates/simple"), grpc::StatusCode::OK);
  EXPECT_EQ(StateOf("template", "store_reads"), 2);
}

TEST_F(RealObjectStoreTest, UploadsGoThere) {
  const auto ingest = api::Ingest::NewStub(channel_);
  grpc::ClientContext issuing;
  api::IssueTokenResponse token;
  ASSERT_TRUE(ingest->IssueToken(&issuing, {}, &token).ok());
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token.token());
  api::UploadResponse response;
  const auto writer = ingest->Upload(&context, &response);
  api::UploadRequest part;
  part.mutable_header()->set_name("report.pdf");
  writer->Write(part);
  for (int i = 0; i < 20; ++i) {
    part.set_chunk(Bytes(kMegabyte));
    writer->Write(part);
  }
  writer->WritesDone();

  const grpc::Status status = writer->Finish();

  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.size_bytes(), 20 * kMegabyte);
  EXPECT_THAT(Keys(), ElementsAre("uploads/user/report.pdf"));
}

}  // namespace
}  // namespace perfrig::targets
