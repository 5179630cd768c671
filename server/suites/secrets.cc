#include "server/suites/secrets.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace perfrig::suites {
namespace {

constexpr std::string_view kSecret[] = {"authorization", "cookie", "api-key",
                                        "token",         "secret", "password"};

template <class Metadatas>
void Hide(Metadatas& all) {
  for (v1::Metadata& each : all) {
    const std::string& name = each.name();
    const bool is_secret = std::any_of(
        std::begin(kSecret), std::end(kSecret), [&](std::string_view word) {
          return name.find(word) != std::string::npos;
        });
    if (is_secret && each.value().find("{{") == std::string::npos) {
      each.set_value("(hidden)");
    }
  }
}

template <class Calls>
void HideInCalls(Calls& calls) {
  for (v1::Call& call : calls) Hide(*call.mutable_metadata());
}

template <class Actions>
void HideInActions(Actions& actions) {
  for (v1::Action& action : actions) {
    if (action.has_call()) Hide(*action.mutable_call()->mutable_metadata());
  }
}

}  // namespace

v1::Suite WithoutSecrets(v1::Suite suite) {
  if (suite.has_defaults()) {
    Hide(*suite.mutable_defaults()->mutable_metadata());
  }
  for (v1::Test& test : *suite.mutable_tests()) {
    HideInCalls(*test.mutable_calls());
    for (v1::Group& group : *test.mutable_groups()) {
      HideInCalls(*group.mutable_calls());
    }
    HideInActions(*test.mutable_before());
    HideInActions(*test.mutable_after());
  }
  return suite;
}

}  // namespace perfrig::suites
