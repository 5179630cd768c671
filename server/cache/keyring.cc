#include "server/cache/keyring.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::cache {
namespace {

constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
static_assert(kIdBytes + kNonceBytes + kTagBytes == Keyring::kSealBytes);

// OpenSSL fails here only without memory, without its own ciphers or without
// the kernel's random numbers.
void Require(int result) {
  if (result != 1) std::abort();
}

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const {
    EVP_CIPHER_CTX_free(context);
  }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string IdText(std::uint32_t id) {
  std::string text(kIdBytes, '\0');
  for (std::size_t i = 0; i < kIdBytes; ++i) {
    text[i] = static_cast<char>(id >> (8 * (kIdBytes - 1 - i)));
  }
  return text;
}

std::uint32_t IdOf(std::string_view text) {
  std::uint32_t id = 0;
  for (const char byte : text) id = id << 8 | static_cast<unsigned char>(byte);
  return id;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Keyring>> Keyring::Create(Key key) {
  std::unique_ptr<Keyring> keyring(new Keyring());
  absl::Status status = keyring->Rotate(std::move(key));
  if (!status.ok()) return status;
  return keyring;
}

std::unique_ptr<Keyring> Keyring::CreateRandom() {
  Key key{.id = 1, .secret = std::string(kSecretBytes, '\0')};
  Require(RAND_bytes(Bytes(key.secret), kSecretBytes));
  return *Create(std::move(key));
}

Keyring::~Keyring() {
  MutexLock lock(mutex_);
  for (auto& [id, secret] : keys_) {
    OPENSSL_cleanse(secret.data(), secret.size());
  }
}

absl::Status Keyring::Rotate(Key key) {
  if (key.secret.size() != kSecretBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("secret of key ", key.id, " must have ", kSecretBytes,
                     " bytes, got ", key.secret.size()));
  }
  Secret secret;
  std::memcpy(secret.data(), key.secret.data(), secret.size());
  OPENSSL_cleanse(key.secret.data(), key.secret.size());
  MutexLock lock(mutex_);
  if (!keys_.emplace(key.id, secret).second) {
    return absl::AlreadyExistsError(
        absl::StrCat("key ", key.id, " is in the keyring already"));
  }
  newest_ = key.id;
  count_ = 0;
  return absl::OkStatus();
}

absl::Status Keyring::Retire(std::uint32_t id) {
  MutexLock lock(mutex_);
  if (id == newest_) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", id, " is the one that seals"));
  }
  const auto at = keys_.find(id);
  if (at == keys_.end()) {
    return absl::NotFoundError(absl::StrCat("no key ", id));
  }
  OPENSSL_cleanse(at->second.data(), at->second.size());
  keys_.erase(at);
  return absl::OkStatus();
}

std::string Keyring::Seal(std::string_view bytes, std::string_view context) {
  std::string sealed;
  Secret secret;
  Nonce nonce;
  {
    MutexLock lock(mutex_);
    sealed = IdText(newest_);
    secret = keys_.at(newest_);
    nonce = NextNonce();
  }
  sealed.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  const std::size_t start = sealed.size();
  sealed.resize(start + bytes.size() + kTagBytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  Require(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                             secret.data(), nonce.data()));
  OPENSSL_cleanse(secret.data(), secret.size());
  Require(EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                            static_cast<int>(context.size())));
  Require(EVP_EncryptUpdate(cipher.get(), Bytes(sealed) + start, &size,
                            Bytes(bytes), static_cast<int>(bytes.size())));
  Require(
      EVP_EncryptFinal_ex(cipher.get(), Bytes(sealed) + start + size, &size));
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                              Bytes(sealed) + start + bytes.size()));
  return sealed;
}

absl::StatusOr<std::string> Keyring::Open(std::string_view sealed,
                                          std::string_view context) const {
  if (sealed.size() < kSealBytes) {
    return absl::DataLossError(absl::StrCat("a sealed value has ", kSealBytes,
                                            " bytes or more, got ",
                                            sealed.size()));
  }
  const std::uint32_t id = IdOf(sealed.substr(0, kIdBytes));
  const std::string_view nonce = sealed.substr(kIdBytes, kNonceBytes);
  const std::string_view body =
      sealed.substr(kIdBytes + kNonceBytes, sealed.size() - kSealBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  Secret secret;
  {
    MutexLock lock(mutex_);
    const auto at = keys_.find(id);
    if (at == keys_.end()) {
      return absl::NotFoundError(absl::StrCat("no key ", id));
    }
    secret = at->second;
  }
  std::string bytes(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  Require(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr,
                             secret.data(), Bytes(nonce)));
  OPENSSL_cleanse(secret.data(), secret.size());
  Require(EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(context),
                            static_cast<int>(context.size())));
  Require(EVP_DecryptUpdate(cipher.get(), Bytes(bytes), &size, Bytes(body),
                            static_cast<int>(body.size())));
  Require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                              tag.data()));
  if (EVP_DecryptFinal_ex(cipher.get(), Bytes(bytes) + size, &size) != 1) {
    return absl::DataLossError(
        "a sealed value was changed, or sealed with another key or context");
  }
  return bytes;
}

Keyring::Nonce Keyring::NextNonce() {
  // At the start, with each new key, and once all counts are used.
  if (count_ == 0) {
    Require(RAND_bytes(prefix_.data(), static_cast<int>(prefix_.size())));
  }
  const std::string count = IdText(count_++);
  Nonce nonce;
  std::memcpy(nonce.data(), prefix_.data(), prefix_.size());
  std::memcpy(nonce.data() + prefix_.size(), count.data(), count.size());
  return nonce;
}

}  // namespace perfrig::cache
