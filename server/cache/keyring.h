// AES-256-GCM under keys that change.
//
//   ASSIGN_OR_RETURN(auto keyring, Keyring::Create({.id = 1, .secret =
//   secret})); const std::string sealed = keyring->Seal(bytes, "user/7");
//   RETURN_IF_ERROR(keyring->Rotate({.id = 2, .secret = other}));
//   ASSIGN_OR_RETURN(std::string opened, keyring->Open(sealed, "user/7"));
//
// Sealed: the key's id (4 bytes), the nonce (12), the encrypted bytes, the tag
// (16).
#ifndef PERFRIG_SERVER_CACHE_KEYRING_H_
#define PERFRIG_SERVER_CACHE_KEYRING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sync/mutex.h"

namespace perfrig::cache {

// Thread-safe.
class Keyring {
 public:
  static constexpr std::size_t kSecretBytes = 32;
  // What sealing adds.
  static constexpr std::size_t kSealBytes = 32;

  struct Key {
    std::uint32_t id = 0;
    std::string secret;
  };

  // INVALID_ARGUMENT unless the secret has 32 bytes.
  static absl::StatusOr<std::unique_ptr<Keyring>> Create(Key key);
  // With a random key, which nobody else has.
  static std::unique_ptr<Keyring> CreateRandom();
  ~Keyring();

  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;

  // Seals with this from now on; older keys still open. ALREADY_EXISTS where
  // the id is taken.
  absl::Status Rotate(Key key);
  // What this key sealed is lost. FAILED_PRECONDITION for the one that seals.
  absl::Status Retire(std::uint32_t id);

  // `context` is not part of it, but must be the same when it is opened.
  [[nodiscard]] std::string Seal(std::string_view bytes,
                                 std::string_view context);
  // DATA_LOSS where anything of it was changed or is missing, or where it was
  // sealed with another key or context; NOT_FOUND where the key is not here.
  [[nodiscard]] absl::StatusOr<std::string> Open(
      std::string_view sealed, std::string_view context) const;

 private:
  using Secret = std::array<unsigned char, kSecretBytes>;
  using Nonce = std::array<unsigned char, 12>;

  Keyring() = default;

  [[nodiscard]] Nonce NextNonce() PERFRIG_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<std::uint32_t, Secret> keys_ PERFRIG_GUARDED_BY(mutex_);
  std::uint32_t newest_ PERFRIG_GUARDED_BY(mutex_) = 0;
  // Eight random bytes and a count: they never come twice under one key, also
  // where several processes or restarts share it.
  std::array<unsigned char, 8> prefix_ PERFRIG_GUARDED_BY(mutex_) = {};
  std::uint32_t count_ PERFRIG_GUARDED_BY(mutex_) = 0;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_KEYRING_H_
