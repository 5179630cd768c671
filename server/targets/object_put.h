// An object on its way into the ObjectStore target, piece by piece.
//
//   ObjectPut put(bucket, elsewhere, stay);
//   CO_RETURN_IF_ERROR(co_await put.Enter());
//   CO_RETURN_IF_ERROR(put.Open(header));
//   while (…) CO_RETURN_IF_ERROR(co_await put.Add(chunk));
//   CO_ASSIGN_OR_RETURN(const ObjectInfo info, co_await put.Finish());
#ifndef PERFRIG_SERVER_TARGETS_OBJECT_PUT_H_
#define PERFRIG_SERVER_TARGETS_OBJECT_PUT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/targets/bucket.h"
#include "server/targets/script/elsewhere.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/sha256.h"

namespace perfrig::targets {

// Nothing is kept of what was not finished.
class ObjectPut {
 public:
  using Header = target::v1::PutObjectRequest::Header;

  // `stay` is the visit to the store; all outlive this. What is large is kept
  // on the threads of `elsewhere`.
  ObjectPut(Bucket& bucket, Elsewhere& elsewhere, Stay& stay)
      : bucket_(bucket), elsewhere_(elsewhere), stay_(stay) {}

  // In this order.
  Task<absl::Status> Enter();
  absl::Status Open(const Header& header);
  // At the bandwidth. `chunk` outlives the task.
  Task<absl::Status> Add(std::string_view chunk);
  // DATA_LOSS where the content is not what the header says. The delay of a
  // write, and the object is there.
  Task<absl::StatusOr<target::v1::ObjectInfo>> Finish();

 private:
  Bucket& bucket_;
  Elsewhere& elsewhere_;
  Stay& stay_;
  Nanos began_ = 0;
  double bytes_ = 0;
  Sha256 digest_;
  std::string expected_digest_;
  std::unique_ptr<ObjectWriter> writer_;
};

// Of a stream whose first message is a header and whose others are chunks:
// INVALID_ARGUMENT where this is not what has to come.
absl::Status CheckPart(bool first, bool has_header, bool has_chunk,
                       std::size_t chunk_bytes);
template <class Message>
absl::Status CheckPart(bool first, const Message& message) {
  return CheckPart(first, message.has_header(), message.has_chunk(),
                   message.chunk().size());
}
// It has ended without a message.
absl::Status NoHeader();

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_OBJECT_PUT_H_
