// What the ObjectStore target keeps.
#ifndef PERFRIG_SERVER_TARGETS_OBJECTS_H_
#define PERFRIG_SERVER_TARGETS_OBJECTS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/targets/blob.h"

namespace perfrig::targets {

struct Object {
  target::v1::ObjectInfo info;
  std::unique_ptr<const Blob> content;
};

// By key, in order. Thread-safe. Objects are shared, because whoever reads one
// goes on reading it after it was replaced or deleted.
class Objects {
 public:
  // How often it was cleared.
  [[nodiscard]] std::uint64_t epoch() const;
  // False, with nothing kept, where it was cleared since `epoch`.
  bool Put(std::shared_ptr<const Object> object, std::uint64_t epoch);
  // NOT_FOUND where there is none.
  absl::StatusOr<std::shared_ptr<const Object>> Get(
      const std::string& key) const;
  // False if there was none.
  bool Delete(const std::string& key);
  // `request` has passed CheckList, and its token CheckToken.
  [[nodiscard]] target::v1::ListObjectsResponse List(
      const target::v1::ListObjectsRequest& request) const;

  // INVALID_ARGUMENT for a page token that is none.
  static absl::Status CheckToken(const std::string& token);

  void Clear();
  [[nodiscard]] std::size_t size() const;

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Object>> objects_
      PERFRIG_GUARDED_BY(mutex_);
  std::uint64_t epoch_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

// INVALID_ARGUMENT naming field, rule and value.
absl::Status CheckKey(const std::string& key);
absl::Status CheckList(const target::v1::ListObjectsRequest& request);

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OBJECTS_H_
