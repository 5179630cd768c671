// A real redis-server on a Unix socket in a folder of its own.
#ifndef PERFRIG_TESTS_UNIT_SERVER_CACHE_REDIS_SERVER_H_
#define PERFRIG_TESTS_UNIT_SERVER_CACHE_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>

#include "server/cache/redis_address.h"

namespace perfrig::cache {

class RedisServer {
 public:
  // On the PATH.
  static bool IsInstalled();

  // Neither password nor persistence unless a password is given.
  explicit RedisServer(std::string password = "");
  // Stopped, folder removed.
  ~RedisServer();

  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] RedisAddress address() const;

  void Start();
  // Waits for its end.
  void Stop();
  // It keeps its connections and answers nothing, until it goes on.
  void Freeze() const;
  void GoOn() const;

 private:
  const std::string password_;
  std::string folder_;
  pid_t process_ = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_TESTS_UNIT_SERVER_CACHE_REDIS_SERVER_H_
