// Where a bucket is, and how to get at it.
#ifndef PERFRIG_SERVER_BACKENDS_S3_OPTIONS_H_
#define PERFRIG_SERVER_BACKENDS_S3_OPTIONS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace perfrig::backends {

struct S3Options {
  // "http://host:port" or "https://…", without a path.
  std::string endpoint;
  std::string bucket;
  std::string region = "us-east-1";
  std::string access_key;
  std::string secret_key;
  // Requests at once; more wait in order of arrival, `queue_limit` of them.
  std::size_t connections = 50;
  std::size_t queue_limit = 1'000;
  absl::Duration connect_timeout = absl::Seconds(5);
  // Without a byte either way; whole seconds.
  absl::Duration idle_timeout = absl::Seconds(30);
};

// "http[s]://[ACCESS:SECRET@]HOST[:PORT]/BUCKET[?region=REGION]". The keys are
// taken as they stand, whatever characters they have. INVALID_ARGUMENT
// otherwise, which does not show the text: a secret may be in it.
absl::StatusOr<S3Options> ParseS3Url(std::string_view text);

// `url`, which has passed ParseS3Url, with these keys where it has none.
// INVALID_ARGUMENT where neither has them.
absl::StatusOr<std::string> WithS3Keys(const std::string& url,
                                       std::string_view access_key,
                                       std::string_view secret_key);

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_S3_OPTIONS_H_
