#include "server/targets/objects.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using target::v1::ListObjectsRequest;
using target::v1::ListObjectsResponse;

constexpr std::size_t kLongestKey = 1'024;
constexpr std::uint32_t kLargestPage = 1'000;

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// A page token is the last key of the page before.
bool ReadToken(const std::string& token, std::string& key) {
  return absl::WebSafeBase64Unescape(token, &key);
}

}  // namespace

absl::Status CheckKey(const std::string& key) {
  return CheckBytes("key", key, 1, kLongestKey);
}

absl::Status CheckList(const ListObjectsRequest& request) {
  if (request.page_size() <= kLargestPage) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "page_size: must be 1 to ", kLargestPage, ", got ", request.page_size()));
}

absl::Status Objects::CheckToken(const std::string& token) {
  std::string after;
  if (ReadToken(token, after)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("page_token: must be the next_page_token of a page, got \"",
                   token.substr(0, 100), "\""));
}

std::uint64_t Objects::epoch() const {
  MutexLock lock(mutex_);
  return epoch_;
}

bool Objects::Put(std::shared_ptr<const Object> object, std::uint64_t epoch) {
  MutexLock lock(mutex_);
  if (epoch != epoch_) return false;
  // The one before it is freed after the lock.
  objects_[object->info.key()].swap(object);
  return true;
}

absl::StatusOr<std::shared_ptr<const Object>> Objects::Get(
    const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = objects_.find(key);
  if (found != objects_.end()) return found->second;
  return absl::NotFoundError(absl::StrCat("key: no object \"", key, "\""));
}

bool Objects::Delete(const std::string& key) {
  MutexLock lock(mutex_);
  return objects_.erase(key) > 0;
}

ListObjectsResponse Objects::List(const ListObjectsRequest& request) const {
  const std::uint32_t page =
      request.page_size() == 0 ? kLargestPage : request.page_size();
  std::string after;
  ReadToken(request.page_token(), after);
  const bool continues = !after.empty() && after >= request.prefix();

  ListObjectsResponse response;
  MutexLock lock(mutex_);
  auto next = continues ? objects_.upper_bound(after)
                        : objects_.lower_bound(request.prefix());
  const auto end = objects_.end();
  for (; next != end && StartsWith(next->first, request.prefix()); ++next) {
    if (static_cast<std::uint32_t>(response.objects_size()) == page) {
      const std::string& last = response.objects().rbegin()->key();
      response.set_next_page_token(absl::WebSafeBase64Escape(last));
      break;
    }
    *response.add_objects() = next->second->info;
  }
  return response;
}

void Objects::Clear() {
  std::map<std::string, std::shared_ptr<const Object>> freed;
  MutexLock lock(mutex_);
  ++epoch_;
  freed.swap(objects_);
}

std::size_t Objects::size() const {
  MutexLock lock(mutex_);
  return objects_.size();
}

}  // namespace perfrig::targets
