// Where the objects of the ObjectStore target are: in this process, or in a
// real store.
#ifndef PERFRIG_SERVER_TARGETS_BUCKET_H_
#define PERFRIG_SERVER_TARGETS_BUCKET_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"

namespace perfrig::targets {

// An object, or a part of it, that is read.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;

  // Of the whole object.
  [[nodiscard]] virtual const target::v1::ObjectInfo& info() const = 0;
  // The next bytes; nothing at the end.
  virtual Task<absl::StatusOr<std::string>> Read(Stay& stay) = 0;
};

// An object that is written; nobody sees it before Finish, and nothing is left
// of it where that does not come.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  // `chunk` outlives the task. RESOURCE_EXHAUSTED where there is no room.
  virtual Task<absl::Status> Write(Stay& stay, std::string_view chunk) = 0;
  // `digest` is that of all that was written.
  virtual Task<absl::StatusOr<target::v1::ObjectInfo>> Finish(
      Stay& stay, std::string digest) = 0;
};

// Thread-safe. What its tasks wait for is added to the phases of `stay`; their
// arguments outlive them.
class Bucket {
 public:
  virtual ~Bucket() = default;

  // What a read and a write take where the behavior has no delay; null: no
  // longer than they do.
  [[nodiscard]] virtual const DelaySampler* read_delay() const = 0;
  [[nodiscard]] virtual const DelaySampler* write_delay() const = 0;

  // NOT_FOUND where there is none, as of Open.
  virtual Task<absl::StatusOr<target::v1::ObjectInfo>> Head(
      Stay& stay, const std::string& key) = 0;
  // INVALID_ARGUMENT for a page token that is none.
  [[nodiscard]] virtual absl::Status CheckToken(
      const std::string& token) const = 0;
  virtual Task<absl::StatusOr<target::v1::ListObjectsResponse>> List(
      Stay& stay, const target::v1::ListObjectsRequest& request) = 0;
  // False if there was none.
  virtual Task<absl::StatusOr<bool>> Delete(Stay& stay,
                                            const std::string& key) = 0;
  // OUT_OF_RANGE where a part is asked for that begins behind the last byte.
  virtual Task<absl::StatusOr<std::unique_ptr<ObjectReader>>> Open(
      Stay& stay, const target::v1::GetObjectRequest& request) = 0;
  // RESOURCE_EXHAUSTED where there is no room. `sha256` is what the content
  // is said to have; may be empty.
  virtual absl::StatusOr<std::unique_ptr<ObjectWriter>> Create(
      const std::string& key, const std::string& sha256) = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BUCKET_H_
