// What templates draw from: ranks, files, rows, tokens.
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/suites/csv_table.h"
#include "server/suites/file_data.h"
#include "server/suites/template.h"
#include "server/suites/zipf.h"
#include "server/tokens/verifier.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/server/tokens/known_keys.h"

namespace perfrig::suites {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::vector<std::string> kNoCaptures;

Supplied SomeSupplied() {
  Supplied supplied;
  supplied.variables = {{"KEY", tokens::kPrivateKey}, {"SECRET", "secret"}};
  supplied.tables.emplace(
      "users.csv", CsvTable::Parse("users.csv", "id,name\n7,Ada\n8,Bob\n"));
  supplied.tables.emplace("bad.csv", CsvTable::Parse("bad.csv", "id\n\"x\n"));
  supplied.now = absl::FromUnixSeconds(1'767'225'600);
  return supplied;
}

absl::StatusOr<Template> Parse(std::string_view text, const Supplied& supplied,
                               bool takes_values = true) {
  return Template::Parse(text, {kNoCaptures, &supplied, takes_values});
}

std::string ErrorOf(std::string_view text) {
  const Supplied supplied = SomeSupplied();
  return std::string(Parse(text, supplied, false).status().message());
}

std::string Rendered(std::string_view text, std::uint64_t sequence = 0,
                     std::uint64_t seed = 1) {
  const Supplied supplied = SomeSupplied();
  const auto parsed = Parse(text, supplied);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  std::string out;
  if (parsed.ok()) parsed->Append({sequence, &seed}, out);
  return out;
}

// Shares of 0 to n − 1 among many draws.
std::vector<double> Shares(std::uint64_t n, double s) {
  constexpr int kDraws = 200'000;
  const Zipf zipf(n, s);
  std::uint64_t random = 42;
  std::vector<double> shares(n);
  for (int i = 0; i < kDraws; ++i) shares.at(zipf.Draw(random)) += 1.0 / kDraws;
  return shares;
}

TEST(ZipfTest, NumbersComeInProportionToTheirRank) {
  for (const double s : {0.0, 0.5, 0.99, 1.0, 2.5}) {
    constexpr int kNumbers = 20;
    const std::vector<double> shares = Shares(kNumbers, s);
    double sum = 0;
    for (int k = 0; k < kNumbers; ++k) sum += std::pow(k + 1, -s);
    for (std::size_t k = 0; k < kNumbers; ++k) {
      const double share = std::pow(static_cast<double>(k + 1), -s) / sum;
      EXPECT_NEAR(shares[k], share, 0.006) << "s " << s << ", number " << k;
    }
  }
}

TEST(ZipfTest, StaysInItsRange) {
  std::uint64_t random = 7;
  const Zipf one(1, 1);
  const Zipf most(std::uint64_t{1} << 53, 0.01);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(one.Draw(random), 0);
    EXPECT_LT(most.Draw(random), std::uint64_t{1} << 53);
  }
}

TEST(ZipfTest, TheSameSeedGivesTheSameNumbers) {
  EXPECT_EQ(Rendered("{{zipf 1000000 0.99}}", 0, 5),
            Rendered("{{zipf 1000000 0.99}}", 9, 5));
  EXPECT_EQ(Rendered("u-{{zipf 1 0.99}}"), "u-0");
}

TEST(ZipfTest, SaysWhatItNeeds) {
  EXPECT_THAT(ErrorOf("{{zipf 10}}"), HasSubstr("{{zipf 1000 0.99}}"));
  EXPECT_THAT(ErrorOf("{{zipf 10 5%}}"), HasSubstr("{{zipf 1000 0.99}}"));
  EXPECT_THAT(ErrorOf("{{zipf 0 1}}"), HasSubstr("1 to 2^53 numbers, got 0"));
  EXPECT_THAT(ErrorOf("{{zipf 10 11}}"), HasSubstr("0 to 10, got 11"));
}

TEST(FileDataTest, BeginsAndEndsAsItsKindDoes) {
  using namespace std::string_view_literals;
  const std::map<std::string, std::pair<std::string_view, std::string_view>>
      ends = {{"csv", {"id,name,comment\r\n1,", "\r\n"}},
              {"jpg", {"\xff\xd8\xff\xe0", "\xff\xd9"}},
              {"json", {"{\"content\":\"", "\"}"}},
              {"pdf", {"%PDF-1.7\n", "%%EOF\n"}},
              {"png", {"\x89PNG\r\n\x1a\n", "IEND\xae\x42\x60\x82"}},
              {"txt", {"", "\n"}},
              {"zip", {"PK\x03\x04", "\0\0\0\0"sv}}};
  for (const std::string& kind : FileKinds()) {
    const auto maker = MakeFileData(10'000, kind);
    ASSERT_TRUE(maker.ok()) << kind;
    std::uint64_t random = 3;
    std::string file;

    (*maker)->Append(0, random, file);

    EXPECT_THAT(file, SizeIs(10'000)) << kind;
    EXPECT_THAT(file, StartsWith(std::string(ends.at(kind).first))) << kind;
    EXPECT_THAT(file, EndsWith(std::string(ends.at(kind).second))) << kind;
  }
}

TEST(FileDataTest, IsBase64WhereATextIsWanted) {
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(Rendered("{{file 1KB png}}"), &bytes));
  EXPECT_THAT(bytes, AllOf(SizeIs(1'000), StartsWith("\x89PNG")));
  EXPECT_THAT(Rendered("{{file 1KB txt}}"), SizeIs(1'000));
}

TEST(FileDataTest, SaysWhatItNeeds) {
  EXPECT_THAT(ErrorOf("{{file 1KB}}"), HasSubstr("{{file 1MB pdf}}"));
  EXPECT_THAT(ErrorOf("{{file 1KB pfd}}"),
              AllOf(HasSubstr("unknown kind of file \"pfd\""),
                    HasSubstr("did you mean pdf?")));
  EXPECT_THAT(ErrorOf("{{file 10 pdf}}"), HasSubstr("a pdf has at least"));
  EXPECT_THAT(ErrorOf("{{file 65MiB pdf}}"), HasSubstr("at most 64MiB"));
}

std::vector<std::string> Column(std::string_view text,
                                std::string_view column) {
  const auto table = CsvTable::Parse("f.csv", text);
  EXPECT_TRUE(table.ok()) << table.status();
  if (!table.ok()) return {};
  const auto values = table->Find(column);
  EXPECT_TRUE(values.ok()) << values.status();
  return values.ok() ? **values : std::vector<std::string>();
}

std::string TableError(std::string_view text) {
  return std::string(CsvTable::Parse("f.csv", text).status().message());
}

TEST(CsvTableTest, ReadsWhatRfc4180Allows) {
  EXPECT_THAT(Column("a,b\r\n1,2\r\n3,4\r\n", "b"), ElementsAre("2", "4"));
  EXPECT_THAT(Column("a,b\n1,\n\n,4", "b"), ElementsAre("", "4"));
  EXPECT_THAT(Column("a,b\n\"x,\"\"y\"\"\r\nz\",1\n", "a"),
              ElementsAre("x,\"y\"\r\nz"));
  EXPECT_THAT(Column("\xEF\xBB\xBF\"a\"\none\n", "a"), ElementsAre("one"));
}

TEST(CsvTableTest, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(TableError(""),
            "f.csv:1:1: is empty; its first line names the columns");
  EXPECT_EQ(TableError("a,b\n"),
            "f.csv:1:1: has no rows below the names of its columns");
  EXPECT_EQ(TableError("a,a\n1,2"),
            "f.csv:1:3: there is a column \"a\" already");
  EXPECT_EQ(TableError("a,\n1,2"), "f.csv:1:3: the column has no name");
  EXPECT_EQ(TableError("a,b\n1,2\n3\n"),
            "f.csv:3:1: must have 2 fields, got 1");
  EXPECT_EQ(TableError("a\n\"x"), "f.csv:2:1: the quote is not closed");
  EXPECT_EQ(TableError("a,b\n\"1\n2\"3,4\n"),
            "f.csv:3:3: after a closing quote comes a comma or the line's end");
  EXPECT_EQ(TableError("a,b\n1,x\"y\n"),
            "f.csv:2:3: a field with quotes in it stands in quotes itself");
  EXPECT_EQ(TableError("a\n\xff\n"), "f.csv:2:1: is not UTF-8");
}

TEST(CsvTableTest, RowsComeInTurn) {
  EXPECT_EQ(Rendered("{{csv users.csv id}}-{{csv users.csv name}}", 0),
            "7-Ada");
  EXPECT_EQ(Rendered("{{csv users.csv id}}-{{csv users.csv name}}", 3),
            "8-Bob");
}

TEST(CsvTableTest, ATemplateSaysWhatIsNotThere) {
  EXPECT_THAT(ErrorOf("{{csv users.csv}}"), HasSubstr("{{csv users.csv id}}"));
  EXPECT_EQ(ErrorOf("{{csv users.csv nam}}"),
            "users.csv:1:1: has no column \"nam\" (did you mean name?)");
  EXPECT_EQ(ErrorOf("{{csv user.csv id}}"),
            "{{csv user.csv}}: there is no such file beside the suite");
  EXPECT_EQ(ErrorOf("{{csv bad.csv id}}"),
            "bad.csv:2:1: the quote is not closed");
}

TEST(TokenTemplateTest, SignsWithAPrivateKey) {
  FakeClock clock;
  Supplied supplied = SomeSupplied();
  supplied.now = clock.WallTime();
  const auto parsed =
      Parse("{{jwt RS256 key=KEY sub=u-1 aud=perfrig kid=k ttl=5m}}", supplied);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->constant());
  const auto verifier = tokens::TokenVerifier::Create(
      {.audience = "perfrig", .keys = {{"k", tokens::kPublicKey}}}, clock);
  ASSERT_TRUE(verifier.ok()) << verifier.status();

  const auto claims = verifier->Verify(parsed->Sample(false));

  ASSERT_TRUE(claims.ok()) << claims.status();
  EXPECT_EQ(*tokens::TextOf(*claims, "sub"), "u-1");
  EXPECT_EQ(
      *tokens::NumberOf(*claims, "exp") - *tokens::NumberOf(*claims, "iat"),
      300);
}

TEST(TokenTemplateTest, SignsWithASecret) {
  // Made with Python's hmac.
  EXPECT_EQ(Rendered("{{jwt HS256 key=SECRET kid=k sub=u-1}}"),
            "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ."
            "eyJleHAiOjE3NjcyMjkyMDAsImlhdCI6MTc2NzIyNTYwMCwic3ViIjoidS0xIn0."
            "l4bQoCA-b3E08_y0hKTsHes7ie49xX-3oLjWw-H_OGs");
}

TEST(TokenTemplateTest, MakesTokensThatHaveExpired) {
  const std::string token = Rendered("{{jwt HS256 key=SECRET ttl=-1h}}");
  std::string claims;
  const std::size_t dot = token.find('.');

  ASSERT_TRUE(absl::WebSafeBase64Unescape(
      token.substr(dot + 1, token.rfind('.') - dot - 1), &claims));

  EXPECT_EQ(claims, "{\"exp\":1767222000,\"iat\":1767225600}");
}

TEST(TokenTemplateTest, SaysWhatItNeedsAndNeverShowsAKey) {
  EXPECT_THAT(ErrorOf("{{jwt key=KEY}}"), HasSubstr("needs RS256 or HS256"));
  EXPECT_THAT(ErrorOf("{{jwt RS256 sub=u}}"), HasSubstr("needs key=NAME"));
  EXPECT_THAT(ErrorOf("{{jwt RS256 key=KEY subj=u}}"),
              HasSubstr("did you mean sub?"));
  EXPECT_THAT(ErrorOf("{{jwt RS256 key=KEY ttl=5}}"), HasSubstr("ttl=1h"));
  EXPECT_THAT(ErrorOf("{{jwt RS256 key=KEY u-1}}"), HasSubstr("NAME=VALUE"));
  EXPECT_EQ(ErrorOf("{{jwt HS256 key=OTHER}}"),
            "{{jwt}} key=OTHER: the variable OTHER is not set");
  EXPECT_THAT(
      ErrorOf("{{jwt RS256 key=SECRET}}"),
      AllOf(HasSubstr("holds no private RSA key"), Not(HasSubstr("secret"))));
}

}  // namespace
}  // namespace perfrig::suites
