#include "server/backends/s3_messages.h"

#include <cstdint>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/backends/xml_leaves.h"

namespace perfrig::backends {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

absl::Status StatusAt(int status, const std::string& body) {
  S3Answer answer;
  answer.head.status = status;
  answer.body = body;
  return StatusOf(answer);
}

TEST(XmlLeavesTest, TextsInOrderWithWhatTheyAreIn) {
  const auto leaves = ReadXmlLeaves("<a x='1'> <b>1 &lt; 2</b><c><d/></c></a>");

  ASSERT_TRUE(leaves.ok()) << leaves.status();
  EXPECT_THAT(*leaves, ElementsAre(Pair("a/b", "1 < 2"), Pair("a/c/d", ""),
                                   Pair("a/c/", ""), Pair("a/", "")));
  EXPECT_EQ(LeafOf(*leaves, "a/b"), "1 < 2");
  EXPECT_EQ(LeafOf(*leaves, "a/x"), "");
}

TEST(XmlLeavesTest, WhatIsNoXmlIsRefused) {
  for (const char* text : {"", "a", "<a>", "<a></b>", "<a/><b/>"}) {
    EXPECT_FALSE(ReadXmlLeaves(text).ok()) << text;
  }
  // A billion laughs.
  std::string bomb = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
  for (int i = 1; i < 12; ++i) {
    bomb += "<!ENTITY e" + std::to_string(i) + " '";
    for (int j = 0; j < 10; ++j) bomb += "&e" + std::to_string(i - 1) + ";";
    bomb += "'>";
  }
  EXPECT_FALSE(ReadXmlLeaves(bomb + "]><a>&e11;</a>").ok());
}

TEST(S3MessagesTest, QueriesAreSortedAndEverythingIsEncoded) {
  const HttpRequest request = S3Request({"http://h:1", "b"}, "GET", "a b/ä+~.",
                                        {{"x", "&="}, {"a", ""}});

  EXPECT_EQ(request.url, "http://h:1/b/a%20b/%C3%A4%2B~.?a=&x=%26%3D");
  EXPECT_THAT(request.headers,
              ElementsAre("x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb"
                          "92427ae41e4649b934ca495991b7852b855"));
}

TEST(S3MessagesTest, RangesNameTheirLastByteAndNoneBehindAnyObject) {
  constexpr std::uint64_t kMost = UINT64_MAX;
  constexpr std::uint64_t kLastByte = INT64_MAX;

  EXPECT_EQ(RangeHeader(0, 0), "");
  EXPECT_EQ(RangeHeader(0, 5), "Range: bytes=0-4");
  EXPECT_EQ(RangeHeader(5, 0), "Range: bytes=5-");
  EXPECT_EQ(RangeHeader(5, 1), "Range: bytes=5-5");
  EXPECT_EQ(RangeHeader(5, kMost), "Range: bytes=5-");
  EXPECT_EQ(RangeHeader(0, kMost), "Range: bytes=0-");
  EXPECT_EQ(RangeHeader(kMost, kMost), "Range: bytes=9223372036854775807-");
  EXPECT_EQ(RangeHeader(1, kLastByte), "Range: bytes=1-9223372036854775807");
  EXPECT_EQ(RangeHeader(2, kLastByte), "Range: bytes=2-");
}

TEST(S3MessagesTest, ListsAreReadInWhateverOrderTheirFieldsCome) {
  const auto list = ReadList(
      "<ListBucketResult xmlns='x'><Contents><ETag>&quot;e1&quot;</ETag>"
      "<Key>k1</Key><Size>1</Size></Contents><Contents><Key>k2</Key>"
      "<Size>2</Size><ETag>\"e2\"</ETag></Contents><CommonPrefixes>"
      "<Prefix>p</Prefix></CommonPrefixes>"
      "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>");

  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_EQ(list->objects_size(), 2);
  EXPECT_EQ(list->objects(0).key(), "k1");
  EXPECT_EQ(list->objects(0).etag(), "e1");
  EXPECT_EQ(list->objects(1).size_bytes(), 2);
  EXPECT_EQ(list->objects(1).etag(), "e2");
  EXPECT_EQ(list->next_page_token(), "t");
  EXPECT_FALSE(ReadList("<html>").ok());
}

TEST(S3MessagesTest, AnErrorInAGoodAnswerIsAnError) {
  const char error[] =
      "<Error><Code>SlowDown</Code><Message>Later</Message></Error>";

  EXPECT_TRUE(StatusAt(200, "").ok());
  EXPECT_TRUE(StatusAt(206, "bytes").ok());
  EXPECT_EQ(StatusAt(503, error).message(), "s3: 503 SlowDown: Later");
  EXPECT_EQ(StatusAt(503, error).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StatusAt(200, error).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(StatusAt(404, "").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StatusAt(301, "<html>").code(), absl::StatusCode::kInternal);
}

TEST(S3MessagesTest, ASizeIsThatOfTheWhole) {
  HttpHead head;
  head.headers = {{"content-length", "5"}, {"etag", "\"e\""}};
  EXPECT_EQ(InfoOf("k", head).size_bytes(), 5);
  EXPECT_EQ(InfoOf("k", head).etag(), "e");

  head.headers["content-range"] = "bytes 0-4/100";
  EXPECT_EQ(InfoOf("k", head).size_bytes(), 100);
}

}  // namespace
}  // namespace perfrig::backends
