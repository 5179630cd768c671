// One call of an S3 client: a few HTTP exchanges, one after the other.
#ifndef PERFRIG_SERVER_BACKENDS_S3_CALL_H_
#define PERFRIG_SERVER_BACKENDS_S3_CALL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/sync/mutex.h"
#include "server/backends/http_client.h"
#include "server/backends/s3_messages.h"

namespace perfrig::backends {

// Shared by whoever calls and the exchange that goes on. Thread-safe.
class S3Call : public std::enable_shared_from_this<S3Call> {
 public:
  // `http` outlives this.
  explicit S3Call(HttpClient& http) : http_(http) {}
  virtual ~S3Call() = default;

  S3Call(const S3Call&) = delete;
  S3Call& operator=(const S3Call&) = delete;

  // True: the callback that waits will never run. False: none waits, or it is
  // about to run; later ones get CANCELLED.
  bool Cancel();

  using Answered = std::function<void(absl::StatusOr<S3Answer>)>;
  // One exchange with its whole answer; an answer that is an error is one.
  void Ask(HttpRequest request, Answered answered);

 protected:
  // Nothing after Cancel.
  absl::StatusOr<std::shared_ptr<HttpExchange>> Start(HttpRequest request);
  // The rest of an answer, which must be small.
  void Collect(std::shared_ptr<HttpExchange> exchange, S3Answer answer,
               Answered answered);

  HttpClient& http_;

 private:
  Mutex mutex_;
  std::shared_ptr<HttpExchange> current_ PERFRIG_GUARDED_BY(mutex_);
  bool cancelled_ PERFRIG_GUARDED_BY(mutex_) = false;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_S3_CALL_H_
