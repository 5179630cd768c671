#include "server/targets/upload_quotas.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace perfrig::targets {
namespace {

void Upload(UploadQuotas& quotas, const std::string& subject,
            std::uint64_t bytes) {
  const auto charge = quotas.Open(subject);
  ASSERT_TRUE(charge.ok()) << charge.status();
  ASSERT_TRUE((*charge)->Take(bytes).ok());
  (*charge)->Keep();
}

TEST(UploadQuotasTest, WhatGoesOnCountsAndWhatIsGivenUpDoesNot) {
  UploadQuotas quotas;
  quotas.SetQuota(10);
  const auto first = *quotas.Open("a");
  {
    const auto second = *quotas.Open("a");
    EXPECT_TRUE(second->Take(6).ok());
    EXPECT_TRUE(absl::IsResourceExhausted(first->Take(5)));
  }

  EXPECT_TRUE(first->Take(5).ok());
  EXPECT_EQ(quotas.counts().bytes, 0);
  first->Keep();

  EXPECT_EQ(quotas.counts().bytes, 5);
  EXPECT_EQ(quotas.counts().uploads, 1);
}

TEST(UploadQuotasTest, AQuotaThatComesLaterCountsWhatWasThere) {
  UploadQuotas quotas;
  Upload(quotas, "a", 100);
  quotas.SetQuota(10);
  const auto charge = *quotas.Open("a");

  EXPECT_TRUE(absl::IsResourceExhausted(charge->Take(0)));
  EXPECT_TRUE((*quotas.Open("b"))->Take(10).ok());
}

TEST(UploadQuotasTest, AnUploadFromBeforeAClearCountsNoMore) {
  UploadQuotas quotas;
  auto charge = *quotas.Open("a");
  EXPECT_TRUE(charge->Take(5).ok());

  quotas.Clear();
  Upload(quotas, "a", 1);
  charge->Keep();
  charge = nullptr;

  EXPECT_EQ(quotas.counts().bytes, 1);
  EXPECT_EQ(quotas.counts().uploads, 1);
}

TEST(UploadQuotasTest, SoManySubjectsAreRememberedAndNoMore) {
  UploadQuotas quotas;
  { const auto given_up = *quotas.Open("nobody"); }
  for (std::size_t i = 0; i < UploadQuotas::kMostSubjects; ++i) {
    Upload(quotas, absl::StrCat(i), 1);
  }

  EXPECT_TRUE(absl::IsResourceExhausted(quotas.Open("one more").status()));
  EXPECT_TRUE(quotas.Open("0").ok());
  EXPECT_EQ(quotas.counts().subjects, UploadQuotas::kMostSubjects);
}

}  // namespace
}  // namespace perfrig::targets
