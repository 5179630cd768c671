// What is said to an S3 endpoint and what its answers mean.
#ifndef PERFRIG_SERVER_BACKENDS_S3_MESSAGES_H_
#define PERFRIG_SERVER_BACKENDS_S3_MESSAGES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "perfrig/target/v1/object_store.pb.h"
#include "server/backends/http_client.h"

namespace perfrig::backends {

// Where objects are: "http://host:port" without a path, path style.
struct S3Place {
  std::string endpoint;
  std::string bucket;
};

struct S3Answer {
  HttpHead head;
  std::string body;
};

// With the headers that the signature wants: libcurl 7.88 signs the query as it
// stands, so it must be sorted and encoded, and the digest as it is told.
// An empty key: the bucket.
HttpRequest S3Request(const S3Place& place, std::string method,
                      std::string_view key,
                      const std::map<std::string, std::string>& query,
                      std::string body = "");
// The header that asks for a part of an object, as GetObjectRequest says;
// empty: for all of it.
std::string RangeHeader(std::uint64_t offset, std::uint64_t length);
// The digest of an object's content, kept beside it.
std::string Sha256Header(std::string_view digest);
std::string Sha256Hex(std::string_view bytes);

// OK for 2xx without an error in it.
absl::Status StatusOf(const S3Answer& answer);
// From the head of an answer to GET or HEAD.
target::v1::ObjectInfo InfoOf(std::string_view key, const HttpHead& head);
absl::StatusOr<target::v1::ListObjectsResponse> ReadList(std::string_view body);
// In S3's quotes.
std::string EtagOf(std::string_view quoted);

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_S3_MESSAGES_H_
