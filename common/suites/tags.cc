#include "common/suites/tags.h"

#include <algorithm>
#include <string>

namespace perfrig {
namespace {

using Tags = google::protobuf::RepeatedPtrField<std::string>;

bool Has(const Tags& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

bool HasTags(const v1::Suite& suite, const v1::Test& test, const Tags& tags) {
  return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    const bool without = tag.starts_with('!');
    const std::string name = without ? tag.substr(1) : tag;
    return (Has(suite.tags(), name) || Has(test.tags(), name)) != without;
  });
}

}  // namespace perfrig
