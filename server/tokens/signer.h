// Makes tokens: for tests of uploads against a key that nobody has to bring.
#ifndef PERFRIG_SERVER_TOKENS_SIGNER_H_
#define PERFRIG_SERVER_TOKENS_SIGNER_H_

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/tokens/claims.h"
#include "server/tokens/keys.h"

namespace perfrig::tokens {

// JWT, RS256. Thread-safe.
class TokenSigner {
 public:
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

// A signer whose key is made on a thread of its own, because that takes up to a
// second, which neither a start nor a call can wait.
class PendingSigner {
 public:
  explicit PendingSigner(std::string kid);
  // Waits until the key is made.
  ~PendingSigner();

  PendingSigner(const PendingSigner&) = delete;
  PendingSigner& operator=(const PendingSigner&) = delete;

  // Null until the key is made. Thread-safe.
  [[nodiscard]] const TokenSigner* get() const { return ready_.load(); }

 private:
  std::optional<TokenSigner> signer_;
  std::atomic<const TokenSigner*> ready_ = nullptr;
  std::thread thread_;
};

}  // namespace perfrig::tokens

#endif  // PERFRIG_SERVER_TOKENS_SIGNER_H_
