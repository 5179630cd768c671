#include "server/drivers/grpc/response.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace perfrig::drivers {
namespace {

constexpr std::uint32_t kNoError = 0;

class ResponseTest : public testing::Test {
 protected:
  ResponseTest() { response_.Begin(request_, 1000); }

  void Headers() {
    response_.OnHeader(":status", "200", false);
    response_.OnHeader("content-type", "application/grpc+proto", false);
    EXPECT_TRUE(response_.OnHeadersEnd(false));
  }
  void Trailers(std::string_view status) {
    response_.OnHeader("grpc-status", status, true);
    response_.OnHeadersEnd(true);
    response_.OnEndStream();
    response_.OnClose(kNoError);
  }

  Request request_;
  Response response_;
};

TEST_F(ResponseTest, InterimAnswersArePassedOver) {
  response_.OnHeader(":status", "103", false);
  response_.OnHeader("link", "somewhere", false);
  EXPECT_TRUE(response_.OnHeadersEnd(false));
  Headers();
  Trailers("0");

  EXPECT_EQ(response_.status(), 0);
  EXPECT_TRUE(response_.headers().empty());
}

TEST_F(ResponseTest, AStatusInLeadingHeadersIsNone) {
  response_.OnHeader("grpc-status", "0", false);
  Headers();
  response_.OnEndStream();
  response_.OnClose(kNoError);

  EXPECT_EQ(response_.status(), 2);
}

TEST_F(ResponseTest, BinaryValuesBehindCommasAreSeveral) {
  Headers();
  response_.OnHeader("key-bin", "AAE,AP8=,not base64!", true);
  Trailers("0");

  ASSERT_EQ(response_.trailers().size(), 3U);
  EXPECT_EQ(response_.trailers()[0].value, std::string("\0\1", 2));
  EXPECT_EQ(response_.trailers()[1].value, std::string("\0\xff", 2));
  EXPECT_EQ(response_.trailers()[2].value, "not base64!");
}

TEST_F(ResponseTest, NothingOfTheCallBeforeRemains) {
  response_.OnHeader("note", "leading", false);
  Headers();
  response_.OnHeader("note", "trailing", true);
  response_.OnHeader("grpc-message", "bad", true);
  Trailers("3");

  response_.Begin(request_, 1000);

  EXPECT_TRUE(response_.headers().empty());
  EXPECT_TRUE(response_.trailers().empty());
  EXPECT_EQ(response_.status(), 0);
  EXPECT_EQ(response_.status_message(), "");
}

TEST_F(ResponseTest, TheFirstEndCounts) {
  Headers();
  response_.Fail(absl::StatusCode::kCancelled, "cancelled");
  Trailers("0");

  EXPECT_EQ(response_.status(), 1);
  EXPECT_EQ(response_.status_message(), "cancelled");
}

TEST_F(ResponseTest, AGrpcStatusBesideAnHttpErrorIsTheStatus) {
  response_.OnHeader(":status", "503", true);
  response_.OnHeader("content-type", "application/grpc", true);
  Trailers("7");

  EXPECT_EQ(response_.status(), 7);
}

}  // namespace
}  // namespace perfrig::drivers
