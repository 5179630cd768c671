#include "server/cache/redis_connection.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace perfrig::cache {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

absl::Status ErrorOf(std::string_view text) {
  const std::string message = absl::StrCat("redis: ", std::string(text));
  const auto starts = [&](std::string_view word) {
    return text.starts_with(word);
  };
  if (starts("NOAUTH") || starts("WRONGPASS") || starts("ERR AUTH")) {
    return absl::UnauthenticatedError(message);
  }
  if (starts("LOADING") || starts("BUSY") || starts("MASTERDOWN")) {
    return absl::UnavailableError(message);
  }
  if (starts("OOM")) return absl::ResourceExhaustedError(message);
  return absl::FailedPreconditionError(message);
}

}  // namespace

void RedisConnection::Free::operator()(redisContext* context) const {
  redisFree(context);
}

RedisConnection::RedisConnection(const Clock& clock, RedisAddress address,
                                 std::size_t max_reply_bytes)
    : clock_(clock),
      address_(std::move(address)),
      max_reply_bytes_(max_reply_bytes) {}

RedisConnection::~RedisConnection() = default;

absl::StatusOr<RedisReply> RedisConnection::Run(
    const std::vector<std::string_view>& command, Nanos deadline) {
  const bool was_idle = context_ != nullptr;
  RETURN_IF_ERROR(Connect(deadline));
  absl::StatusOr<RedisReply> reply = Exchange(command, deadline);
  if (context_ == nullptr && was_idle && absl::IsUnavailable(reply.status())) {
    RETURN_IF_ERROR(Connect(deadline));
    reply = Exchange(command, deadline);
  }
  return reply;
}

absl::Status RedisConnection::Connect(Nanos deadline) {
  if (context_ != nullptr) return absl::OkStatus();
  context_.reset(
      address_.port == 0
          ? redisConnectUnixNonBlock(address_.host.c_str())
          : redisConnectNonBlock(address_.host.c_str(), address_.port));
  if (context_ == nullptr || context_->err != 0) return Broken();
  RETURN_IF_ERROR(Await(POLLOUT, deadline));
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(context_->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    context_ = nullptr;
    return absl::UnavailableError(absl::StrCat("redis at ", address_.host, ":",
                                               address_.port, ": ",
                                               std::strerror(error)));
  }
  std::vector<std::vector<std::string_view>> login;
  if (!address_.password.empty()) {
    login.push_back({"AUTH"});
    if (!address_.user.empty()) login.back().push_back(address_.user);
    login.back().push_back(address_.password);
  }
  const std::string database = absl::StrCat(address_.database);
  if (address_.database != 0) login.push_back({"SELECT", database});
  for (const auto& command : login) {
    const auto reply = Exchange(command, deadline);
    if (reply.ok()) continue;
    context_ = nullptr;
    return reply.status();
  }
  return absl::OkStatus();
}

absl::StatusOr<RedisReply> RedisConnection::Exchange(
    const std::vector<std::string_view>& command, Nanos deadline) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  if (redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()),
                             words.data(), sizes.data()) != REDIS_OK) {
    return Broken();
  }
  RETURN_IF_ERROR(Send(deadline));
  return Receive(deadline);
}

absl::Status RedisConnection::Send(Nanos deadline) {
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(context_.get(), &done) != REDIS_OK) return Broken();
    if (done == 0) RETURN_IF_ERROR(Await(POLLOUT, deadline));
  }
  return absl::OkStatus();
}

absl::StatusOr<RedisReply> RedisConnection::Receive(Nanos deadline) {
  for (;;) {
    void* taken = nullptr;
    if (redisGetReplyFromReader(context_.get(), &taken) != REDIS_OK) {
      return Broken();
    }
    if (taken != nullptr) {
      const Reply reply(static_cast<redisReply*>(taken));
      const std::string_view text(reply->str == nullptr ? "" : reply->str,
                                  reply->len);
      if (reply->type == REDIS_REPLY_ERROR) return ErrorOf(text);
      return RedisReply{.is_null = reply->type == REDIS_REPLY_NIL,
                        .text = std::string(text)};
    }
    if (context_->reader->len > max_reply_bytes_) {
      context_ = nullptr;
      return absl::FailedPreconditionError(absl::StrCat(
          "redis: a reply has more than ", max_reply_bytes_, " bytes"));
    }
    RETURN_IF_ERROR(Await(POLLIN, deadline));
    if (redisBufferRead(context_.get()) != REDIS_OK) return Broken();
  }
}

absl::Status RedisConnection::Await(short events, Nanos deadline) {
  for (;;) {
    const Nanos left = deadline - clock_.Now();
    pollfd wait{.fd = context_->fd, .events = events, .revents = 0};
    const timespec timeout{.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
    const int ready = left > 0 ? ppoll(&wait, 1, &timeout, nullptr) : 0;
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno == EINTR) continue;
    // Its reply may still come: not for the next command.
    context_ = nullptr;
    return absl::DeadlineExceededError("redis did not answer in time");
  }
}

absl::Status RedisConnection::Broken() {
  const std::string why =
      context_ == nullptr ? "out of memory" : context_->errstr;
  context_ = nullptr;
  return absl::UnavailableError(
      absl::StrCat("redis at ", address_.host, ":", address_.port, ": ", why));
}

}  // namespace perfrig::cache
