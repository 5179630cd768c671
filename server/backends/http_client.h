// HTTP over libcurl, many exchanges at once on one thread, each read at the
// pace of whoever reads it.
//
//   ASSIGN_OR_RETURN(auto exchange, http.Start(std::move(request)));
//   exchange->Head([](absl::StatusOr<HttpHead> head) { … });
//   exchange->Read([](absl::StatusOr<std::string> bytes) { … });
#ifndef PERFRIG_SERVER_BACKENDS_HTTP_CLIENT_H_
#define PERFRIG_SERVER_BACKENDS_HTTP_CLIENT_H_

#include <curl/curl.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sync/mutex.h"

namespace perfrig::backends {

struct HttpOptions {
  // Open at once; more exchanges wait in order of arrival.
  std::size_t connections = 50;
  // How many exchanges may wait.
  std::size_t queue_limit = 1'000;
  absl::Duration connect_timeout = absl::Seconds(5);
  // Without a byte either way, unless it is the reader who makes it wait.
  absl::Duration idle_timeout = absl::Seconds(30);
  // "aws:amz:REGION:s3" and "ACCESS:SECRET": each request is signed.
  std::string signature;
  std::string credentials;
};

struct HttpRequest {
  std::string method;
  std::string url;
  // "Name: value".
  std::vector<std::string> headers;
  // Sent with PUT and POST.
  std::string body;
};

struct HttpHead {
  int status = 0;
  // By lower-case name.
  std::map<std::string, std::string, std::less<>> headers;
};

// One request and its response. Thread-safe; one Head or Read at a time.
class HttpExchange {
 public:
  using HeadCallback = std::function<void(absl::StatusOr<HttpHead>)>;
  using ReadCallback = std::function<void(absl::StatusOr<std::string>)>;

  // Each runs its callback once: at once, on this thread, or later, on the
  // client's, where it must not block. Read gives what has come since the last
  // time, or waits for more; nothing at the end. No more than 512 KiB come
  // ahead of the reader. DEADLINE_EXCEEDED after a timeout, UNAVAILABLE for
  // other trouble on the way.
  void Head(HeadCallback callback);
  void Read(ReadCallback callback);
  // Ends it. True: the callback that waits will never run. False: none waits;
  // one that comes later gets CANCELLED.
  bool Cancel();

 private:
  friend class HttpClient;
  friend class HttpTransfer;

  explicit HttpExchange(std::function<void(HttpExchange*)> wake)
      : wake_(std::move(wake)) {}

  // What waits and can be told something now.
  std::function<void()> Tell() PERFRIG_REQUIRES(mutex_);
  void Finish(const absl::Status& status);
  bool cancelled();
  // Told by the transfer. False: too much is unread already.
  bool TakeBytes(const char* bytes, std::size_t size);
  void TakeHead(HttpHead head);

  // Tells the client's thread that there is something to do.
  const std::function<void(HttpExchange*)> wake_;
  Mutex mutex_;
  HeadCallback head_callback_ PERFRIG_GUARDED_BY(mutex_);
  ReadCallback read_callback_ PERFRIG_GUARDED_BY(mutex_);
  HttpHead head_ PERFRIG_GUARDED_BY(mutex_);
  bool has_head_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::string unread_ PERFRIG_GUARDED_BY(mutex_);
  // The transfer waits for the reader.
  bool paused_ PERFRIG_GUARDED_BY(mutex_) = false;
  bool cancelled_ PERFRIG_GUARDED_BY(mutex_) = false;
  bool ended_ PERFRIG_GUARDED_BY(mutex_) = false;
  absl::Status status_ PERFRIG_GUARDED_BY(mutex_);
};

class HttpTransfer;

// Thread-safe. Outlives what is done with its exchanges.
class HttpClient {
 public:
  explicit HttpClient(const HttpOptions& options);
  // What goes on ends with CANCELLED, before this returns.
  ~HttpClient();

  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // RESOURCE_EXHAUSTED where too many wait. Shared with the client's thread,
  // which lets go when the exchange has ended.
  absl::StatusOr<std::shared_ptr<HttpExchange>> Start(HttpRequest request);

 private:
  struct Waiting {
    std::shared_ptr<HttpExchange> exchange;
    HttpRequest request;
  };

  struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  void Loop();
  // False where the client ends.
  bool StartWaiting();
  // Resumes and cancels.
  void ServeWoken();
  void FinishDone();
  void End();

  const HttpOptions options_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  // Of the client's thread.
  std::unordered_map<HttpExchange*, std::unique_ptr<HttpTransfer>> transfers_;

  Mutex mutex_;
  std::deque<Waiting> waiting_ PERFRIG_GUARDED_BY(mutex_);
  std::vector<HttpExchange*> woken_ PERFRIG_GUARDED_BY(mutex_);
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_HTTP_CLIENT_H_
