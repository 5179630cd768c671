// Lists of objects: a line with the size of a page, one with a prefix, one with
// a page token, then keys. Whatever the token, it is refused or goes on behind
// a key; pages joined are all keys with the prefix, in order.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/targets/objects.h"

namespace {

using perfrig::target::v1::ListObjectsRequest;
using perfrig::target::v1::ListObjectsResponse;
using perfrig::targets::Object;
using perfrig::targets::Objects;

// As many as a page may have.
constexpr std::uint32_t kLargestPage = 1'000;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::string TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return std::string(line);
}

std::vector<std::string> KeysOf(const ListObjectsResponse& page) {
  std::vector<std::string> keys;
  for (const auto& object : page.objects()) keys.push_back(object.key());
  return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  ListObjectsRequest request;
  request.set_page_size(std::strtoul(TakeLine(text).c_str(), nullptr, 10) %
                        (kLargestPage + 1));
  request.set_prefix(TakeLine(text));
  const std::string token = TakeLine(text);
  Objects objects;
  std::set<std::string> wanted;
  while (!text.empty()) {
    const std::string key = TakeLine(text);
    auto object = std::make_shared<Object>();
    object->info.set_key(key);
    Require(objects.Put(std::move(object), objects.epoch()));
    if (key.starts_with(request.prefix())) wanted.insert(key);
  }
  const std::vector<std::string> all(wanted.begin(), wanted.end());
  const std::size_t most =
      request.page_size() == 0 ? kLargestPage : request.page_size();

  if (Objects::CheckToken(token).ok()) {
    request.set_page_token(token);
    const std::vector<std::string> page = KeysOf(objects.List(request));
    // Some of them, one behind the other.
    Require(page.size() <= most);
    const auto begin = page.empty()
                           ? all.end()
                           : std::find(all.begin(), all.end(), page.front());
    Require(static_cast<std::size_t>(all.end() - begin) >= page.size());
    Require(std::equal(page.begin(), page.end(), begin));
  }

  std::vector<std::string> joined;
  request.clear_page_token();
  do {
    const ListObjectsResponse page = objects.List(request);
    for (std::string& key : KeysOf(page)) joined.push_back(std::move(key));
    Require(page.next_page_token().empty() ||
            static_cast<std::size_t>(page.objects_size()) == most);
    Require(Objects::CheckToken(page.next_page_token()).ok());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  Require(joined == all);
  return 0;
}
