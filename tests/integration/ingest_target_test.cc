#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "perfrig/target/v1/ingest.grpc.pb.h"
#include "server/tokens/base64url.h"
#include "tests/integration/targets_fixture.h"

namespace perfrig::targets {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kSha256OfHello[] =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

class IngestTest : public TargetsTest {
 protected:
  IngestTest() : ingest_(api::Ingest::NewStub(channel_)) {}

  std::string Token(const std::string& request = "") {
    api::IssueTokenResponse response;
    const grpc::Status status =
        TargetsTest::Call(*ingest_, &api::Ingest::Stub::IssueToken,
                          Parse<api::IssueTokenRequest>(request), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.token();
  }
  grpc::Status Validate(const std::string& authorization,
                        api::ValidateResponse& response) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", authorization);
    return ingest_->Validate(&context, {}, &response);
  }
  // Refused as UNAUTHENTICATED: why.
  std::string Refusal(const std::string& authorization) {
    api::ValidateResponse response;
    const grpc::Status status = Validate(authorization, response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    return status.error_message();
  }
  grpc::Status Upload(const std::string& token, const std::string& name,
                      const std::string& content, api::UploadResponse& response,
                      const std::string& sha256 = "") {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    const auto writer = ingest_->Upload(&context, &response);
    api::UploadRequest part;
    part.mutable_header()->set_name(name);
    part.mutable_header()->set_sha256(sha256);
    bool open = writer->Write(part);
    constexpr std::size_t kChunk = 100'000;
    for (std::size_t at = 0; open && at < content.size(); at += kChunk) {
      part.set_chunk(content.substr(at, kChunk));
      open = writer->Write(part);
    }
    writer->WritesDone();
    const grpc::Status status = writer->Finish();
    phases_ = TrailerOf(context, "perfrig-phases");
    return status;
  }
  // An upload of an "a", and its status.
  grpc::Status Upload(const std::string& token, const std::string& name) {
    api::UploadResponse response;
    return Upload(token, name, "a", response);
  }

  std::unique_ptr<api::Ingest::Stub> ingest_;
};

// A token with another header, signed with nothing that counts.
std::string WithHeader(const std::string& token, const std::string& header) {
  const std::size_t dot = token.find('.');
  return tokens::EncodeBase64Url(header) + token.substr(dot);
}

TEST_F(IngestTest, AFileGoesThroughIntoTheObjectStore) {
  const std::string content(300'000, 'z');
  api::UploadResponse response;

  const grpc::Status status =
      Upload(Token("subject: \"alice\""), "a/b.pdf", content, response);

  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.key(), "uploads/alice/a/b.pdf");
  EXPECT_EQ(response.size_bytes(), content.size());
  EXPECT_EQ(response.sha256().size(), 64);
  std::string stored;
  EXPECT_TRUE(Get(response.key(), 0, 0, stored).ok());
  EXPECT_EQ(stored, content);
  EXPECT_THAT(phases_, HasSubstr("authorize="));
  EXPECT_THAT(phases_, HasSubstr("object_store="));
  // The store's delay is the store's alone.
  EXPECT_THAT(phases_, Not(HasSubstr("work=")));
  EXPECT_THAT(StatisticsOf("object_store").finished(),
              ElementsAre(Pair("OK", 2)));
  EXPECT_EQ(StateOf("ingest", "uploads"), 1);
  EXPECT_EQ(StateOf("ingest", "bytes"), 300'000);
  EXPECT_EQ(StateOf("ingest", "subjects"), 1);
}

TEST_F(IngestTest, ATokenSaysWhoseItIsAndForHowLong) {
  api::IssueTokenResponse issued;
  ASSERT_TRUE(TargetsTest::Call(*ingest_, &api::Ingest::Stub::IssueToken,
                                Parse<api::IssueTokenRequest>(
                                    "subject: \"bob\" ttl { seconds: 60 }"),
                                issued)
                  .ok());
  api::ValidateResponse response;

  ASSERT_TRUE(Validate("Bearer " + issued.token(), response).ok());
  EXPECT_EQ(response.subject(), "bob");
  EXPECT_EQ(response.expire_time().SerializeAsString(),
            issued.expire_time().SerializeAsString());

  ASSERT_TRUE(Validate("bearer " + Token(), response).ok());
  EXPECT_EQ(response.subject(), "user");
  const auto described = host_.Get("ingest");
  const auto& state = described->state().fields();
  EXPECT_EQ(state.at("kid").string_value(), "perfrig");
  EXPECT_THAT(state.at("public_key").string_value(),
              HasSubstr("BEGIN PUBLIC KEY"));
  // Neither counts nor is delayed.
  EXPECT_EQ(StatisticsOf("ingest").started(), 2);
}

TEST_F(IngestTest, WhoShowsNoGoodTokenIsRefusedWithTheReason) {
  const std::string good = Token();
  const std::string hs256 = R"({"alg":"HS256","typ":"JWT","kid":"perfrig"})";
  const std::string none = R"({"alg":"none","kid":"perfrig"})";
  const std::string other = R"({"alg":"RS256","kid":"other"})";
  std::string forged = good;
  char& changed = forged[forged.find('.') + 10];
  changed = changed == 'A' ? 'B' : 'A';
  grpc::ClientContext context;
  api::ValidateResponse response;

  EXPECT_EQ(ingest_->Validate(&context, {}, &response).error_message(),
            "authorization: must be \"Bearer TOKEN\" in the metadata, got "
            "none");
  EXPECT_THAT(Refusal("Basic abc"), HasSubstr("got something else"));
  EXPECT_THAT(Refusal("Bearer abc"), HasSubstr("three parts"));
  EXPECT_EQ(Refusal("Bearer " + forged), "token: signature does not match");
  EXPECT_THAT(Refusal("Bearer " + WithHeader(good, none)),
              HasSubstr("alg: must be \"RS256\", got \"none\""));
  EXPECT_THAT(Refusal("Bearer " + WithHeader(good, hs256)),
              HasSubstr("alg: must be \"RS256\", got \"HS256\""));
  EXPECT_THAT(Refusal("Bearer " + WithHeader(good, other)),
              HasSubstr("kid: no key \"other\""));
  EXPECT_THAT(Refusal("Bearer " + Token("ttl { seconds: -60 }")),
              HasSubstr("exp: expired at"));
  EXPECT_THAT(Refusal("Bearer " + Token("not_before { seconds: 60 }")),
              HasSubstr("nbf: not before"));
  EXPECT_THAT(Refusal("Bearer " + Token("audience: \"others\"")),
              HasSubstr("aud: must be or have \"perfrig\""));
  EXPECT_EQ(Upload(forged, "a").error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(StatisticsOf("object_store").started(), 0);
}

TEST_F(IngestTest, ClocksMayDifferByTheSkew) {
  const std::string expired = Token("ttl { seconds: -10 }");
  const std::string early = Token("not_before { seconds: 10 }");
  api::ValidateResponse response;
  EXPECT_TRUE(Validate("Bearer " + expired, response).ok());
  EXPECT_TRUE(Validate("Bearer " + early, response).ok());

  Set("ingest", "ingest { clock_skew {} }");

  EXPECT_THAT(Refusal("Bearer " + expired), HasSubstr("exp: expired"));
  EXPECT_THAT(Refusal("Bearer " + early), HasSubstr("nbf: not before"));
}

TEST_F(IngestTest, WhatIsAskedOfATokenIsChecked) {
  const auto refusal = [&](const std::string& request) {
    api::IssueTokenResponse response;
    const grpc::Status status =
        TargetsTest::Call(*ingest_, &api::Ingest::Stub::IssueToken,
                          Parse<api::IssueTokenRequest>(request), response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };

  EXPECT_THAT(refusal("ttl { seconds: 86401 }"),
              HasSubstr("ttl: must be -24h to 24h, got 86401s"));
  EXPECT_THAT(refusal("not_before { seconds: -86401 }"),
              HasSubstr("not_before: must be"));
  EXPECT_THAT(refusal(absl::StrCat("subject: \"", std::string(257, 'a'), "\"")),
              HasSubstr("subject: must"));
  EXPECT_THAT(refusal("subject: \"a/b\""), HasSubstr("must not have a /"));
  EXPECT_THAT(refusal("subject: \"..\""), HasSubstr("nor be . or .."));
}

TEST_F(IngestTest, AFileOfAnotherDigestIsRefusedAndNotKept) {
  const std::string token = Token();
  api::UploadResponse response;

  EXPECT_TRUE(Upload(token, "good", "hello", response, kSha256OfHello).ok());
  EXPECT_EQ(response.sha256(), kSha256OfHello);
  EXPECT_EQ(
      Upload(token, "bad", "hallo", response, kSha256OfHello).error_code(),
      grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(Upload(token, "bad", "hello", response, "abc").error_message(),
            "header.sha256: must be 64 lower-case hex digits, got \"abc\"");

  std::string none;
  EXPECT_EQ(Get("uploads/user/bad", 0, 0, none).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(StateOf("object_store", "objects"), 1);
  EXPECT_EQ(StateOf("ingest", "bytes"), 5);
}

TEST_F(IngestTest, NamesThatLeadElsewhereAreRefused) {
  const std::string token = Token();

  for (const std::string& name :
       {std::string(), std::string(257, 'a'), std::string("../bob/a"),
        std::string("a/./b"), std::string("a//b"), std::string("/a")}) {
    const grpc::Status status = Upload(token, name);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << name;
    EXPECT_THAT(status.error_message(), HasSubstr("header.name")) << name;
  }
  EXPECT_TRUE(Upload(token, "...a..b").ok());
}

TEST_F(IngestTest, AFileHasItsLimit) {
  Set("ingest", "ingest { file_bytes: 1000 }");
  api::UploadResponse response;
  const std::string token = Token();

  const grpc::Status status =
      Upload(token, "a", std::string(1'001, 'a'), response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "chunk: a file must have at most 1000 bytes (file_bytes)");
  EXPECT_TRUE(Upload(token, "a", std::string(1'000, 'a'), response).ok());
}

TEST_F(IngestTest, ASubjectHasItsQuotaUntilTheReset) {
  Set("ingest", "ingest { quota_bytes: 1000 }");
  const std::string alice = Token("subject: \"alice\"");
  api::UploadResponse response;
  ASSERT_TRUE(Upload(alice, "a", std::string(900, 'a'), response).ok());

  const grpc::Status status =
      Upload(alice, "b", std::string(101, 'a'), response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(),
            "quota_bytes: \"alice\" may upload 1000 bytes, and has uploaded "
            "900");
  EXPECT_TRUE(Upload(alice, "b", std::string(100, 'a'), response).ok());
  EXPECT_TRUE(Upload(Token(), "b", std::string(1'000, 'a'), response).ok());
  ASSERT_TRUE(host_.Reset("ingest").ok());
  EXPECT_EQ(StateOf("ingest", "uploads"), 0);
  Set("ingest", "ingest { quota_bytes: 1000 }");
  EXPECT_TRUE(Upload(alice, "b", std::string(1'000, 'a'), response).ok());
  // The store keeps what it has until its own reset.
  EXPECT_EQ(StateOf("object_store", "objects"), 3);
}

TEST_F(IngestTest, WhatIsUploadedNeverTakesMoreThanTheStoreMay) {
  const std::string token = Token();
  api::UploadResponse response;
  int refused = 0;

  for (int i = 0; i < 8; ++i) {
    const grpc::Status status =
        Upload(token, absl::StrCat(i), std::string(1'000'000, 'a'), response);
    if (status.ok()) continue;
    ++refused;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("at most 4194304 bytes"));
    EXPECT_LE(StateOf("object_store", "bytes"), 4'194'304);
  }

  EXPECT_EQ(refused, 4);
}

TEST_F(IngestTest, AnUploadThatIsGivenUpLeavesNothing) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token());
  api::UploadResponse response;
  const auto writer = ingest_->Upload(&context, &response);
  api::UploadRequest part;
  part.mutable_header()->set_name("a");
  writer->Write(part);
  part.set_chunk(std::string(100'000, 'a'));
  writer->Write(part);
  ASSERT_TRUE(
      Eventually([&] { return StateOf("object_store", "bytes") > 100'000; }));

  context.TryCancel();

  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Eventually([&] {
    return StateOf("object_store", "bytes") == 0 &&
           StatisticsOf("ingest").in_flight() == 0 &&
           StatisticsOf("object_store").in_flight() == 0;
  }));
  EXPECT_EQ(StateOf("ingest", "subjects"), 0);
  EXPECT_THAT(StatisticsOf("object_store").finished(),
              ElementsAre(Pair("CANCELLED", 1)));
}

TEST_F(IngestTest, NothingOfBeforeTheStoresResetIsKept) {
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + Token());
  api::UploadResponse response;
  const auto writer = ingest_->Upload(&context, &response);
  api::UploadRequest part;
  part.mutable_header()->set_name("a");
  writer->Write(part);
  part.set_chunk("before");
  writer->Write(part);
  ASSERT_TRUE(Eventually([&] { return StateOf("object_store", "bytes") > 0; }));

  ASSERT_TRUE(host_.Reset("object_store").ok());
  part.set_chunk("after");
  writer->Write(part);
  writer->WritesDone();

  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StateOf("object_store", "objects"), 0);
  EXPECT_EQ(StateOf("ingest", "uploads"), 0);
}

TEST_F(IngestTest, TheDeadlinePassesThroughToTheStore) {
  Set("object_store", "delay { fixed { seconds: 60 } }");
  const std::string token = Token();
  grpc::ClientContext context;
  context.set_deadline(
      absl::ToChronoTime(clock_.WallTime() + absl::Seconds(1)));
  context.AddMetadata("authorization", "Bearer " + token);
  api::UploadResponse response;
  const auto writer = ingest_->Upload(&context, &response);
  api::UploadRequest part;
  part.mutable_header()->set_name("a");
  writer->Write(part);
  writer->WritesDone();

  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);

  EXPECT_TRUE(Eventually([&] {
    return StatisticsOf("object_store").started() == 1 &&
           StatisticsOf("object_store").in_flight() == 0;
  }));
  EXPECT_EQ(StateOf("object_store", "objects"), 0);
}

TEST_F(IngestTest, FaultsOfBothAreSeen) {
  const std::string token = Token();
  Set("object_store", "faults { rate: 1 status: \"INTERNAL\" }");
  EXPECT_EQ(Upload(token, "a").error_code(), grpc::StatusCode::INTERNAL);

  Set("ingest", "faults { rate: 1 status: \"UNAVAILABLE\" }");

  EXPECT_EQ(Upload(token, "a").error_code(), grpc::StatusCode::UNAVAILABLE);
  // As any, it comes after the delay: all but the last word had gone.
  EXPECT_THAT(StatisticsOf("object_store").finished(),
              UnorderedElementsAre(Pair("INTERNAL", 1), Pair("CANCELLED", 1)));
  EXPECT_EQ(StateOf("object_store", "objects"), 0);
  EXPECT_EQ(StateOf("object_store", "bytes"), 0);
}

}  // namespace
}  // namespace perfrig::targets
