#include "server/backends/http_client.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/backends/http_transfer.h"

namespace perfrig::backends {
namespace {

constexpr std::size_t kMostUnread = 256U << 10;
constexpr int kTurnMilliseconds = 1'000;

CURLM* NewMulti() {
  // Once for the process, and thread-safe so.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* multi = initialised == CURLE_OK ? curl_multi_init() : nullptr;
  // Without memory.
  if (multi == nullptr) std::abort();
  return multi;
}

}  // namespace

void HttpExchange::Head(HeadCallback callback) {
  std::function<void()> tell;
  {
    MutexLock lock(mutex_);
    head_callback_ = std::move(callback);
    tell = Tell();
  }
  if (tell) tell();
}

void HttpExchange::Read(ReadCallback callback) {
  std::function<void()> tell;
  bool resumes = false;
  {
    MutexLock lock(mutex_);
    read_callback_ = std::move(callback);
    tell = Tell();
    resumes = paused_ && unread_.empty();
  }
  // Before the callback, after which this may be gone.
  if (resumes) wake_(this);
  if (tell) tell();
}

bool HttpExchange::Cancel() {
  HeadCallback head;
  ReadCallback read;
  {
    MutexLock lock(mutex_);
    head = std::exchange(head_callback_, nullptr);
    read = std::exchange(read_callback_, nullptr);
    cancelled_ = true;
    if (ended_) return head != nullptr || read != nullptr;
  }
  wake_(this);
  return head != nullptr || read != nullptr;
}

bool HttpExchange::cancelled() {
  MutexLock lock(mutex_);
  return cancelled_;
}

std::function<void()> HttpExchange::Tell() {
  if (head_callback_ && (has_head_ || ended_)) {
    return [callback = std::exchange(head_callback_, nullptr),
            head = has_head_ ? absl::StatusOr<HttpHead>(head_)
                             : absl::StatusOr<HttpHead>(status_)]() mutable {
      callback(std::move(head));
    };
  }
  if (!read_callback_ || (unread_.empty() && !ended_)) return nullptr;
  absl::StatusOr<std::string> bytes = std::exchange(unread_, {});
  // What came before the trouble is still good.
  if (bytes->empty() && !status_.ok()) bytes = status_;
  return [callback = std::exchange(read_callback_, nullptr),
          bytes = std::move(bytes)]() mutable { callback(std::move(bytes)); };
}

void HttpExchange::Finish(const absl::Status& status) {
  std::function<void()> tell;
  {
    MutexLock lock(mutex_);
    ended_ = true;
    paused_ = false;
    // An end without a head is none.
    status_ = status.ok() && !has_head_
                  ? absl::UnavailableError("http: no response")
                  : status;
    tell = Tell();
  }
  if (tell) tell();
}

bool HttpExchange::TakeBytes(const char* bytes, std::size_t size) {
  std::function<void()> tell;
  {
    MutexLock lock(mutex_);
    if (unread_.size() >= kMostUnread) {
      paused_ = true;
      return false;
    }
    unread_.append(bytes, size);
    tell = Tell();
  }
  if (tell) tell();
  return true;
}

void HttpExchange::TakeHead(HttpHead head) {
  std::function<void()> tell;
  {
    MutexLock lock(mutex_);
    // Trailers come after the head.
    if (std::exchange(has_head_, true)) return;
    head_ = std::move(head);
    tell = Tell();
  }
  if (tell) tell();
}

HttpClient::HttpClient(const HttpOptions& options)
    : options_(options), multi_(NewMulti()) {
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS,
                    static_cast<decltype(0L)>(options.connections));
  thread_ = std::thread([this] { Loop(); });
}

HttpClient::~HttpClient() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

absl::StatusOr<std::shared_ptr<HttpExchange>> HttpClient::Start(
    HttpRequest request) {
  std::shared_ptr<HttpExchange> exchange(
      new HttpExchange([this](HttpExchange* woken) {
        {
          MutexLock lock(mutex_);
          woken_.push_back(woken);
        }
        curl_multi_wakeup(multi_.get());
      }));
  {
    MutexLock lock(mutex_);
    if (ends_) return absl::CancelledError("http: the client ends");
    if (waiting_.size() >= options_.queue_limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat("http: ", waiting_.size(),
                       " requests wait for a connection already"));
    }
    waiting_.push_back({exchange, std::move(request)});
  }
  curl_multi_wakeup(multi_.get());
  return exchange;
}

void HttpClient::Loop() {
  int running = 0;
  while (StartWaiting()) {
    ServeWoken();
    curl_multi_perform(multi_.get(), &running);
    FinishDone();
    curl_multi_poll(multi_.get(), nullptr, 0, kTurnMilliseconds, nullptr);
  }
  End();
}

bool HttpClient::StartWaiting() {
  while (transfers_.size() < options_.connections) {
    Waiting next;
    {
      MutexLock lock(mutex_);
      if (ends_) return false;
      if (waiting_.empty()) return true;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    HttpExchange* exchange = next.exchange.get();
    auto transfer = std::make_unique<HttpTransfer>(
        std::move(next.exchange), std::move(next.request), options_);
    curl_multi_add_handle(multi_.get(), transfer->handle());
    transfers_.emplace(exchange, std::move(transfer));
  }
  MutexLock lock(mutex_);
  return !ends_;
}

void HttpClient::ServeWoken() {
  const absl::Status cancelled = absl::CancelledError("http: cancelled");
  std::vector<HttpExchange*> woken;
  // Those that never began.
  std::vector<std::shared_ptr<HttpExchange>> withdrawn;
  {
    MutexLock lock(mutex_);
    woken.swap(woken_);
    if (!woken.empty()) {
      std::erase_if(waiting_, [&](const Waiting& waiting) {
        const bool gone = waiting.exchange->cancelled();
        if (gone) withdrawn.push_back(waiting.exchange);
        return gone;
      });
    }
  }
  for (const auto& exchange : withdrawn) exchange->Finish(cancelled);
  for (HttpExchange* exchange : woken) {
    const auto found = transfers_.find(exchange);
    if (found == transfers_.end()) continue;
    if (!exchange->cancelled()) {
      found->second->Resume();
      continue;
    }
    const std::unique_ptr<HttpTransfer> transfer = std::move(found->second);
    transfers_.erase(found);
    curl_multi_remove_handle(multi_.get(), transfer->handle());
    transfer->Finish(cancelled);
  }
}

void HttpClient::FinishDone() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    HttpExchange* exchange = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
    curl_multi_remove_handle(multi_.get(), message->easy_handle);
    const auto found = transfers_.find(exchange);
    const std::unique_ptr<HttpTransfer> transfer = std::move(found->second);
    transfers_.erase(found);
    transfer->Finish(code);
  }
  bool more = false;
  {
    MutexLock lock(mutex_);
    more = !waiting_.empty();
  }
  // Into the connections that became free, without another wait.
  if (more && transfers_.size() < options_.connections) {
    curl_multi_wakeup(multi_.get());
  }
}

void HttpClient::End() {
  const absl::Status why = absl::CancelledError("http: the client ends");
  for (const auto& [exchange, transfer] : transfers_) {
    curl_multi_remove_handle(multi_.get(), transfer->handle());
    transfer->Finish(why);
  }
  transfers_.clear();
  std::deque<Waiting> waiting;
  {
    MutexLock lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const Waiting& one : waiting) one.exchange->Finish(why);
}

}  // namespace perfrig::backends
