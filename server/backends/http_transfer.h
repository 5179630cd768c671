// An exchange as libcurl carries it out.
#ifndef PERFRIG_SERVER_BACKENDS_HTTP_TRANSFER_H_
#define PERFRIG_SERVER_BACKENDS_HTTP_TRANSFER_H_

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "server/backends/http_client.h"

namespace perfrig::backends {

// Of the client's thread.
class HttpTransfer {
 public:
  HttpTransfer(std::shared_ptr<HttpExchange> exchange, HttpRequest request,
               const HttpOptions& options);

  [[nodiscard]] CURL* handle() const { return handle_.get(); }
  // Goes on if it waited for a reader who has read.
  void Resume();
  void Finish(CURLcode code);
  void Finish(const absl::Status& status) { exchange_->Finish(status); }

 private:
  struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t Send(char* to, std::size_t size, std::size_t count,
                          void* self);
  static std::size_t TakeHeader(const char* line, std::size_t size,
                                std::size_t count, void* self);
  static std::size_t TakeBody(const char* bytes, std::size_t size,
                              std::size_t count, void* self);
  void SetMethod();

  const std::shared_ptr<HttpExchange> exchange_;
  const HttpRequest request_;
  std::size_t sent_ = 0;
  HttpHead head_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  char error_[CURL_ERROR_SIZE] = "";
  // Goes before what it points to.
  std::unique_ptr<CURL, FreeHandle> handle_;
};

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_HTTP_TRANSFER_H_
