#include "server/suites/observation.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/echo.pb.h"

namespace perfrig::suites {
namespace {

namespace target = ::perfrig::target::v1;
using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Optional;

ResponseType EchoType() { return {true, target::EchoResponse::descriptor()}; }

Observation Parsed(std::string_view text) {
  auto value = Observation::Parse(text, EchoType());
  EXPECT_TRUE(value.ok()) << text << ": " << value.status();
  return *std::move(value);
}

std::string ErrorOf(std::string_view text) {
  return std::string(Observation::Parse(text, EchoType()).status().message());
}

// An answer with index 30, of 50 ms of latency and 20 ms of service.
std::optional<double> ValueOf(std::string_view text) {
  static const std::vector<std::pair<std::string, std::string>> trailers = {
      {"cost", "4"}, {"perfrig-phases", "queue=1000000,database=15000000"}};
  target::EchoResponse response;
  response.set_index(30);
  AnswerView answer;
  answer.trailers = &trailers;
  answer.latency = 50'000'000;
  answer.service = 20'000'000;
  return Parsed(text).Read(answer, &response);
}

TEST(ObservationTest, CalculatesWithValuesOfTheAnswer) {
  const auto is = [](double value) {
    return Optional(DoubleNear(value, 1e-12));
  };
  EXPECT_THAT(ValueOf("response.index"), is(30));
  EXPECT_THAT(ValueOf("abs(call.service - response.index * 1ms)"), is(0.010));
  EXPECT_THAT(ValueOf("call.latency - call.service"), is(0.030));
  EXPECT_THAT(ValueOf("(response.index + 2) * trailer.cost"), is(128));
  EXPECT_THAT(ValueOf("max(phase.database, phase.queue)"), is(0.015));
  EXPECT_THAT(ValueOf("phase.queue"), is(0.001));
  EXPECT_THAT(ValueOf("-response.index"), is(-30));
  EXPECT_THAT(ValueOf("response.index / call.latency"), is(600));
}

TEST(ObservationTest, ObservesNothingWhereAValueIsNotThere) {
  EXPECT_EQ(ValueOf("trailer.none + 1"), std::nullopt);
  EXPECT_EQ(ValueOf("phase.none"), std::nullopt);
  EXPECT_EQ(ValueOf("response.index / (trailer.cost - 4)"), std::nullopt);
}

TEST(ObservationTest, HasTheUnitOfWhatItCalculates) {
  EXPECT_EQ(Parsed("response.index").unit(), Unit::kNone);
  EXPECT_EQ(Parsed("call.latency").unit(), Unit::kSeconds);
  EXPECT_EQ(Parsed("phase.database").unit(), Unit::kSeconds);
  EXPECT_EQ(Parsed("response.index * 1ms").unit(), Unit::kSeconds);
  EXPECT_EQ(Parsed("response.index * 1KB").unit(), Unit::kBytes);
  EXPECT_EQ(Parsed("response.index / call.service").unit(), Unit::kPerSecond);
  EXPECT_EQ(Parsed("phase.queue / call.service").unit(), Unit::kNone);
  // The same where nothing is known of the response.
  const auto unknown = Observation::Parse("response.any * 1ms", {});
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(unknown->unit(), Unit::kSeconds);
}

TEST(ObservationTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(ErrorOf("response.index - call.service"),
              AllOf(HasSubstr("column 18: response.index is a plain number, "
                              "call.service is a time"),
                    HasSubstr("by * 1ms")));
  EXPECT_THAT(ErrorOf("response.indx * 2"),
              AllOf(HasSubstr("column 1: "), HasSubstr("index")));
  EXPECT_THAT(ErrorOf("2 * response.text"),
              HasSubstr("column 5: must be a number or true or false"));
  EXPECT_THAT(ErrorOf("1 + 2"), HasSubstr("names no value"));
  EXPECT_THAT(ErrorOf("response.index +"),
              HasSubstr("expected a value such as response.FIELD or a number"));
  EXPECT_THAT(ErrorOf("sum(response.index)"), HasSubstr("unknown function"));
  EXPECT_THAT(ErrorOf("response.index < 3"), HasSubstr("expected the end"));
}

}  // namespace
}  // namespace perfrig::suites
