#include "server/backends/s3_options.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace perfrig::backends {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(S3OptionsTest, AUrlSaysAll) {
  const auto options =
      ParseS3Url("https://AKIA:a/b+c:d@e@[::1]:9000/bench-1?region=eu-west-1");

  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->endpoint, "https://[::1]:9000");
  EXPECT_EQ(options->bucket, "bench-1");
  EXPECT_EQ(options->region, "eu-west-1");
  EXPECT_EQ(options->access_key, "AKIA");
  EXPECT_EQ(options->secret_key, "a/b+c:d@e");
}

TEST(S3OptionsTest, WhatIsNotSaidIsTheDefault) {
  const auto options = ParseS3Url("http://localhost/b");

  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->endpoint, "http://localhost");
  EXPECT_EQ(options->region, "us-east-1");
  EXPECT_EQ(options->access_key, "");
}

TEST(S3OptionsTest, WhatIsWrongIsSaidWithoutTheSecret) {
  const auto refusal = [](const std::string& url) {
    const absl::Status status = ParseS3Url(url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << url;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hidden")));
    return std::string(status.message());
  };

  EXPECT_THAT(refusal(""), HasSubstr("begins with neither"));
  EXPECT_THAT(refusal("s3://a:hidden@bucket"),
              HasSubstr("begins with neither"));
  EXPECT_THAT(refusal("http://hidden@h/b"), HasSubstr("no : between"));
  EXPECT_THAT(refusal("http://:hidden@h/b"), HasSubstr("access key is empty"));
  EXPECT_THAT(refusal("http://a:@h/b"), HasSubstr("secret is empty"));
  EXPECT_THAT(refusal("http://a:hidden@h"), HasSubstr("no bucket"));
  EXPECT_THAT(refusal("http://a:hidden@h/"), HasSubstr("the bucket must"));
  EXPECT_THAT(refusal("http://a:hidden@h/b/c"), HasSubstr("the bucket must"));
  EXPECT_THAT(refusal("http://a:hidden@/b"), HasSubstr("host is empty"));
  EXPECT_THAT(refusal("http://a:hidden@h:0/b"), HasSubstr("port must be"));
  EXPECT_THAT(refusal("http://a:hidden@h:1x/b"), HasSubstr("port must be"));
  EXPECT_THAT(refusal("http://a:hidden@h:/b"), HasSubstr("port must be"));
  EXPECT_THAT(refusal("http://a:hidden@[::1/b"), HasSubstr("no ]"));
  EXPECT_THAT(refusal("http://a:hidden@h/b?zone=1"),
              HasSubstr("region=REGION"));
  EXPECT_THAT(refusal("http://a:hidden@h/b?region="), HasSubstr("the region"));
}

TEST(S3OptionsTest, KeysAreFilledInWhereThereAreNone) {
  EXPECT_EQ(*WithS3Keys("http://a:b@h/c", "x", "y"), "http://a:b@h/c");
  EXPECT_EQ(*WithS3Keys("https://h/c", "x", "y/@z"), "https://x:y/@z@h/c");
  EXPECT_THAT(
      std::string(WithS3Keys("https://h/c", "x", "").status().message()),
      HasSubstr("AWS_SECRET_ACCESS_KEY must be set"));
}

}  // namespace
}  // namespace perfrig::backends
