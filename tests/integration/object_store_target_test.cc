#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSha256OfHello[] =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

TEST_F(TargetsTest, AnObjectComesBackAsItWent) {
  const std::string content(300'000, 'z');
  api::ObjectInfo info;
  ASSERT_TRUE(Put("a/b", content, info).ok());
  std::string whole;
  std::string part;

  EXPECT_TRUE(Get("a/b", 0, 0, whole).ok());
  EXPECT_TRUE(Get("a/b", 299'990, 100, part).ok());

  EXPECT_EQ(info.size_bytes(), content.size());
  EXPECT_EQ(whole, content);
  EXPECT_EQ(part, "zzzzzzzzzz");
  std::string none;
  EXPECT_EQ(Get("a/b", 300'000, 0, none).error_code(),
            grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Get("c", 0, 0, none).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Get("", 0, 0, none).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TargetsTest, APartIsOfWhatIsThere) {
  Set("object_store", "delay { fixed {} }");
  api::ObjectInfo info;
  ASSERT_TRUE(Put("a", "0123456789", info).ok());
  ASSERT_TRUE(Put("empty", "", info).ok());
  const auto get = [&](const std::string& key, std::uint64_t offset,
                       std::uint64_t length) {
    std::string content;
    const grpc::Status status = Get(key, offset, length, content);
    return status.ok() ? content : status.error_message();
  };

  EXPECT_EQ(get("a", 5, UINT64_MAX), "56789");
  EXPECT_EQ(get("a", 9, 1), "9");
  EXPECT_EQ(get("a", 10, 0), "offset: must be less than the size, 10, got 10");
  EXPECT_EQ(get("a", UINT64_MAX, 2),
            "offset: must be less than the size, 10, got "
            "18446744073709551615");
  EXPECT_EQ(get("empty", 0, 0), "");
  EXPECT_EQ(get("empty", 0, 1), "offset: must be less than the size, 0, got 0");
}

TEST_F(TargetsTest, AnObjectsEtagIsThatOfItsContent) {
  Set("object_store", "delay { fixed {} }");
  api::ObjectInfo put;
  api::ObjectInfo other;
  api::ObjectInfo again;
  ASSERT_TRUE(Put("other", "hallo", other).ok());
  ASSERT_TRUE(Put("again", "hello", again).ok());
  ASSERT_TRUE(Put("a", "hello", put, kSha256OfHello).ok());
  grpc::ClientContext heading;
  api::HeadObjectRequest head;
  head.set_key("a");
  api::ObjectInfo seen;
  grpc::ClientContext listing;
  api::ListObjectsRequest list;
  list.set_prefix("a");
  api::ListObjectsResponse listed;
  grpc::ClientContext getting;
  api::GetObjectRequest get;
  get.set_key("a");
  get.set_offset(1);
  api::GetObjectResponse read;

  ASSERT_TRUE(objects_->HeadObject(&heading, head, &seen).ok());
  ASSERT_TRUE(objects_->ListObjects(&listing, list, &listed).ok());
  const auto reader = objects_->GetObject(&getting, get);
  ASSERT_TRUE(reader->Read(&read));
  for (api::GetObjectResponse rest; reader->Read(&rest);) {
  }
  ASSERT_TRUE(reader->Finish().ok());

  EXPECT_EQ(put.etag(), std::string(kSha256OfHello).substr(0, 32));
  EXPECT_EQ(again.etag(), put.etag());
  EXPECT_NE(other.etag(), put.etag());
  EXPECT_EQ(seen.etag(), put.etag());
  EXPECT_EQ(listed.objects(0).etag(), put.etag());
  EXPECT_EQ(read.info().etag(), put.etag());
}

TEST_F(TargetsTest, AnObjectIsCheckedAgainstItsDigest) {
  api::ObjectInfo info;

  EXPECT_TRUE(Put("good", "hello", info, kSha256OfHello).ok());
  EXPECT_EQ(info.sha256(), kSha256OfHello);
  EXPECT_EQ(Put("bad", "hallo", info, kSha256OfHello).error_code(),
            grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Put("bad", "hello", info, "abc").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);

  grpc::ClientContext context;
  api::HeadObjectRequest head;
  head.set_key("bad");
  EXPECT_EQ(objects_->HeadObject(&context, head, &info).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(TargetsTest, ObjectsAreListedPageByPage) {
  Set("object_store", "delay { fixed {} }");
  api::ObjectInfo info;
  for (const char* key : {"b/2", "a/1", "b/1", "b/3", "c"}) {
    ASSERT_TRUE(Put(key, "x", info).ok());
  }
  api::ListObjectsRequest request;
  request.set_prefix("b/");
  request.set_page_size(2);
  std::vector<std::string> keys;

  do {
    grpc::ClientContext context;
    api::ListObjectsResponse page;
    ASSERT_TRUE(objects_->ListObjects(&context, request, &page).ok());
    for (const auto& object : page.objects()) keys.push_back(object.key());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());

  EXPECT_THAT(keys, ElementsAre("b/1", "b/2", "b/3"));
  grpc::ClientContext context;
  api::ListObjectsResponse page;
  request.set_page_token("?");
  EXPECT_EQ(objects_->ListObjects(&context, request, &page).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(TargetsTest, TheStoreNeverHoldsMoreThanItMay) {
  api::ObjectInfo info;
  ASSERT_TRUE(Put("first", std::string(3'000'000, 'x'), info).ok());

  const grpc::Status full = Put("second", std::string(3'000'000, 'x'), info);
  EXPECT_EQ(full.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(full.error_message(), HasSubstr("at most 4194304 bytes"));
  grpc::ClientContext context;
  api::DeleteObjectRequest request;
  request.set_key("first");
  api::DeleteObjectResponse response;
  ASSERT_TRUE(objects_->DeleteObject(&context, request, &response).ok());
  EXPECT_TRUE(response.deleted());
  EXPECT_TRUE(Eventually([&] {
    return host_.Get("object_store")
               ->state()
               .fields()
               .at("bytes")
               .number_value() == 0;
  }));

  EXPECT_TRUE(Put("second", std::string(3'000'000, 'x'), info).ok());
}

TEST_F(TargetsTest, AGigabytePutTakesNoMoreMemoryThanTheStoreMay) {
  Set("object_store", "delay { fixed {} } bytes_per_second: 0");
  const auto resident_bytes = [] {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  };
  const std::string content(1'000'000, 'x');
  api::ObjectInfo info;
  const std::uint64_t before = resident_bytes();

  for (int i = 0; i < 1'000; ++i) {
    const grpc::Status put = Put("a" + std::to_string(i % 3), content, info);
    ASSERT_TRUE(put.ok()) << put.error_message();
  }

  // What a sanitizer keeps of what was freed included.
  EXPECT_LT(resident_bytes(), before + 400'000'000);
}

TEST_F(TargetsTest, TheRealStoreNeedsItsFlag) {
  v1::UpdateBehaviorRequest request;
  request.set_name("targets/object_store");
  request.mutable_behavior()->mutable_object_store()->set_back_end(v1::REAL);

  const absl::Status status = host_.Update(request).status();

  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(),
            "behavior.object_store.back_end: REAL needs a daemon with --s3, "
            "got none");
}

TEST_F(TargetsTest, AnUploadInOrderOnly) {
  grpc::ClientContext context;
  api::ObjectInfo info;
  const auto writer = objects_->PutObject(&context, &info);
  api::PutObjectRequest part;
  part.set_chunk("x");
  writer->Write(part);
  writer->WritesDone();

  const grpc::Status status = writer->Finish();

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "header: must come first");
}

TEST_F(TargetsTest, AResetEndsAnUploadThatWaitsForItsClient) {
  grpc::ClientContext context;
  api::ObjectInfo info;
  const auto writer = objects_->PutObject(&context, &info);
  api::PutObjectRequest part;
  part.mutable_header()->set_key("stale");
  writer->Write(part);
  part.set_chunk("before");
  writer->Write(part);
  ASSERT_TRUE(Eventually([&] { return StateOf("object_store", "bytes") > 0; }));

  ASSERT_TRUE(host_.Reset("object_store").ok());

  // The client has not said that it is done.
  const grpc::Status status = writer->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StateOf("object_store", "objects"), 0);
  EXPECT_TRUE(
      Eventually([&] { return StateOf("object_store", "bytes") == 0; }));
}

TEST_F(TargetsTest, BytesTakeTheirTimeAtTheBandwidth) {
  Set("object_store", "delay { fixed {} } bytes_per_second: 1e6");
  api::ObjectInfo info;
  const Nanos start = clock_.Now();
  ASSERT_TRUE(Put("slow", std::string(100'000, 'x'), info).ok());
  const Nanos uploaded = clock_.Now();
  std::string content;

  ASSERT_TRUE(Get("slow", 0, 0, content).ok());

  EXPECT_GE(uploaded - start, 100 * kMillisecond);
  EXPECT_GE(clock_.Now() - uploaded, 100 * kMillisecond);
}

}  // namespace
}  // namespace perfrig::targets
