#include "server/local/local_functions.h"

#include "gmock/gmock.h"
#include "tests/unit/server/local/local_fixture.h"

namespace perfrig::local {
namespace {

using ::testing::HasSubstr;

class LocalFunctionsTest : public LocalFixture {};

TEST_F(LocalFunctionsTest, AllOfThemSayWhatIsWrongWithDataBeforeTheyAreMade) {
  for (const auto& [name, function] : functions_) {
    ASSERT_NE(function.check, nullptr) << name;
    EXPECT_EQ(Wrong(name, ""), "") << name;
    EXPECT_EQ(Wrong(name, "{}"), "") << name;
    EXPECT_THAT(Wrong(name, R"({"nonesuch":1})"),
                HasSubstr("nonesuch unknown key"))
        << name;
    EXPECT_THAT(Wrong(name, "[]"), HasSubstr(" must be a map: ")) << name;
  }
}

TEST_F(LocalFunctionsTest, RefuseWhatTheyWouldRefuseWhenTheyAreMade) {
  const std::pair<const char*, const char*> wrong[] = {
      {"spin", R"({"microseconds":-1})"},
      {"cache.get", R"({"keys":0})"},
      {"cache.miss", R"({"bytes":"1GB"})"},
      {"cache.put", R"({"shard":true})"},
      {"cache.call", R"({"payload":"tabel"})"},
      {"cache.call", R"({"serializer":"columns"})"},
      {"cache.call", R"({"payload":"table","serializer":"flexbuffers"})"},
      {"tier.get", R"({"second_tier":"none"})"},
      {"tier.get", R"({"max_in_flight":0,"breaker_open":"5"})"},
      {"serialize", R"({"serializer":"columns"})"},
      {"deserialize", R"({"bytes":0})"},
      {"table.read", R"({"serializer":"flexbuffers"})"},
      {"table.read", R"({"rows":1.5})"},
      {"key.make", R"({"keys":1})"},
      {"noop", R"({"keys":1})"}};
  for (const auto& [name, data] : wrong) {
    const std::string problems = Wrong(name, data);
    EXPECT_NE(problems, "") << name << " " << data;
    const absl::Status made = Make(name, data).status();
    EXPECT_TRUE(absl::IsInvalidArgument(made)) << name << " " << data;
    std::string told(made.message());
    // The same, but for where it stands.
    for (std::size_t at = 0; (at = told.find("data.")) != std::string::npos;) {
      told.erase(at, 5);
    }
    EXPECT_EQ(told, problems);
  }
}

TEST_F(LocalFunctionsTest, TellTheNearestNameOfAnOption) {
  EXPECT_THAT(Wrong("cache.get", R"({"byts":1})"),
              HasSubstr("byts unknown key (did you mean bytes?)"));
}

}  // namespace
}  // namespace perfrig::local
