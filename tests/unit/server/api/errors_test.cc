#include "server/api/errors.h"

#include <gtest/gtest.h>

namespace perfrig::api {
namespace {

TEST(ApiErrors, NotFoundNamesTheResourceThatWasAskedFor) {
  const absl::Status status =
      Named(absl::NotFoundError("no such run"), "perfrig.v1.Run", "runs/x");

  ASSERT_TRUE(ResourceOf(status).has_value());
  EXPECT_EQ(ResourceOf(status)->resource_name(), "runs/x");
}

TEST(ApiErrors, AResourceNamedFurtherDownStays) {
  const absl::Status inner =
      WithResource(absl::NotFoundError("gone"), "perfrig.v1.Suite", "suites/y");

  EXPECT_EQ(
      ResourceOf(Named(inner, "perfrig.v1.Run", "runs/x"))->resource_name(),
      "suites/y");
}

TEST(ApiErrors, OtherErrorsStayAsTheyAre) {
  const absl::Status status =
      Named(absl::InternalError("broken"), "perfrig.v1.Run", "runs/x");

  EXPECT_FALSE(ResourceOf(status).has_value());
}

}  // namespace
}  // namespace perfrig::api
