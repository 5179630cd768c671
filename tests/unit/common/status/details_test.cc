#include "common/status/details.h"

#include <gtest/gtest.h>

namespace perfrig {
namespace {

TEST(StatusDetails, AStatusKeepsItsMessageAndGainsViolations) {
  const absl::Status status =
      WithViolations(absl::InvalidArgumentError("two problems"),
                     {{"tests.a.load.rate", "must be > 0, got -5"},
                      {"tests.b.expect[0]", "names no metric"}});

  const auto detail = ViolationsOf(status);

  ASSERT_TRUE(detail.has_value());
  ASSERT_EQ(detail->field_violations_size(), 2);
  EXPECT_EQ(detail->field_violations(0).field(), "tests.a.load.rate");
  EXPECT_EQ(detail->field_violations(1).description(), "names no metric");
  EXPECT_EQ(status.message(), "two problems");
}

TEST(StatusDetails, AResourceIsNamedByTypeAndName) {
  const absl::Status status = WithResource(absl::NotFoundError("no such run"),
                                           "perfrig.v1.Run", "runs/x");

  const auto detail = ResourceOf(status);

  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->resource_type(), "perfrig.v1.Run");
  EXPECT_EQ(detail->resource_name(), "runs/x");
  EXPECT_EQ(detail->description(), "no such run");
}

TEST(StatusDetails, AQuotaSaysWhatIsFull) {
  const absl::Status status = WithQuota(absl::ResourceExhaustedError("full"),
                                        "runs/queue", "16 of 16 wait");

  const auto detail = QuotaOf(status);

  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(detail->violations(0).subject(), "runs/queue");
}

TEST(StatusDetails, ARetrySaysWhen) {
  const absl::Status status =
      WithRetry(absl::ResourceExhaustedError("later"), 1'500 * kMillisecond);

  EXPECT_EQ(RetryOf(status), 1'500 * kMillisecond);
}

TEST(StatusDetails, AStatusWithoutDetailsHasNone) {
  EXPECT_FALSE(RetryOf(absl::ResourceExhaustedError("plain")).has_value());
  EXPECT_FALSE(ViolationsOf(absl::InvalidArgumentError("plain")).has_value());
  EXPECT_FALSE(QuotaOf(absl::OkStatus()).has_value());
}

}  // namespace
}  // namespace perfrig
