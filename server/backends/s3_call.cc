#include "server/backends/s3_call.h"

#include <cstddef>
#include <utility>

#include "common/status/macros.h"

namespace perfrig::backends {
namespace {

// A page of a list with a thousand of the longest keys, every byte escaped.
constexpr std::size_t kLargestAnswer = 16U << 20;

}  // namespace

bool S3Call::Cancel() {
  std::shared_ptr<HttpExchange> current;
  {
    MutexLock lock(mutex_);
    cancelled_ = true;
    current = current_;
  }
  return current != nullptr && current->Cancel();
}

absl::StatusOr<std::shared_ptr<HttpExchange>> S3Call::Start(
    HttpRequest request) {
  MutexLock lock(mutex_);
  if (cancelled_) return absl::CancelledError("s3: cancelled");
  ASSIGN_OR_RETURN(current_, http_.Start(std::move(request)));
  return current_;
}

void S3Call::Ask(HttpRequest request, Answered answered) {
  auto exchange = Start(std::move(request));
  if (!exchange.ok()) return answered(exchange.status());
  (*exchange)->Head(
      [self = shared_from_this(), exchange = *exchange,
       answered = std::move(answered)](absl::StatusOr<HttpHead> head) mutable {
        if (!head.ok()) return answered(head.status());
        self->Collect(std::move(exchange), {*std::move(head), ""},
                      std::move(answered));
      });
}

void S3Call::Collect(std::shared_ptr<HttpExchange> exchange, S3Answer answer,
                     Answered answered) {
  HttpExchange& reading = *exchange;
  reading.Read([self = shared_from_this(), exchange = std::move(exchange),
                answer = std::move(answer), answered = std::move(answered)](
                   absl::StatusOr<std::string> bytes) mutable {
    if (!bytes.ok()) return answered(bytes.status());
    if (answer.body.size() + bytes->size() > kLargestAnswer) {
      exchange->Cancel();
      return answered(absl::InternalError("s3: the answer is too large"));
    }
    if (!bytes->empty()) {
      answer.body += *bytes;
      return self->Collect(std::move(exchange), std::move(answer),
                           std::move(answered));
    }
    absl::Status status = StatusOf(answer);
    if (!status.ok()) return answered(std::move(status));
    answered(std::move(answer));
  });
}

}  // namespace perfrig::backends
