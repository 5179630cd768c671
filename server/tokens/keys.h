// RSA keys: of 2,048 bits or more.
#ifndef PERFRIG_SERVER_TOKENS_KEYS_H_
#define PERFRIG_SERVER_TOKENS_KEYS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace perfrig::tokens {

struct FreeKey {
  void operator()(EVP_PKEY* key) const;
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

// INVALID_ARGUMENT for anything but one RSA key in PEM.
absl::StatusOr<Key> ReadPublicKey(const std::string& pem);
absl::StatusOr<Key> ReadPrivateKey(const std::string& pem);

std::string WritePublicKey(const Key& key);

// RSA 2,048; blocks for 50 ms to a second.
absl::StatusOr<Key> MakeKey();

}  // namespace perfrig::tokens

#endif  // PERFRIG_SERVER_TOKENS_KEYS_H_
