// Makes tokens: for tests of uploads against a key that nobody has to bring.
#ifndef PERFRIG_SERVER_TOKENS_SIGNER_H_
#define PERFRIG_SERVER_TOKENS_SIGNER_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/sync/mutex.h"
#include "server/tokens/claims.h"
#include "server/tokens/keys.h"

namespace perfrig::tokens {

// JWT, HS256. `kid` may be empty: the token names none.
std::string SignWithSecret(const std::string& secret, const std::string& kid,
                           const Claims& claims);

// JWT, RS256. Thread-safe.
class TokenSigner {
 public:
  // `kid` may be empty: its tokens name none.
  TokenSigner(std::string kid, Key key)
      : kid_(std::move(kid)), key_(std::move(key)) {}

  // About a millisecond of CPU.
  [[nodiscard]] std::string Sign(const Claims& claims) const;

  [[nodiscard]] const std::string& kid() const { return kid_; }
  [[nodiscard]] std::string PublicKey() const { return WritePublicKey(key_); }

 private:
  std::string kid_;
  Key key_;
};

// A signer whose key is made on a thread of its own when there is first work
// for it, because that takes up to a second of CPU, which neither a start nor a
// call can wait, and a measurement elsewhere would notice; what signing takes
// can be left to that thread, too.
class PendingSigner {
 public:
  // Once the key is made, on the signer's thread.
  using Work = std::function<void(const TokenSigner&)>;

  explicit PendingSigner(std::string kid);
  // Waits for a key that is being made, and drops the work that waits.
  ~PendingSigner();

  PendingSigner(const PendingSigner&) = delete;
  PendingSigner& operator=(const PendingSigner&) = delete;

  // Null until the key is made. Thread-safe.
  [[nodiscard]] const TokenSigner* get() const { return ready_.load(); }

  // One after the other, in order; must not wait. RESOURCE_EXHAUSTED where too
  // much waits already. Thread-safe.
  absl::Status Post(Work work);

 private:
  static constexpr std::size_t kMostWaiting = 1'000;

  void Run(std::string kid);

  std::optional<TokenSigner> signer_;
  std::atomic<const TokenSigner*> ready_ = nullptr;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Work> work_ PERFRIG_GUARDED_BY(mutex_);
  bool ends_ PERFRIG_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace perfrig::tokens

#endif  // PERFRIG_SERVER_TOKENS_SIGNER_H_
