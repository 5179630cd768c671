#include "server/tokens/keys.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace perfrig::tokens {
namespace {

constexpr int kFewestBits = 2'048;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

// Asking on the terminal for a pass phrase is no way to read a key.
int NoPassPhrase(char* buffer, int size, int writing, void* data) { return 0; }

absl::StatusOr<Key> Checked(EVP_PKEY* read) {
  ERR_clear_error();
  Key key(read);
  if (key == nullptr) {
    return absl::InvalidArgumentError("key: must be an RSA key in PEM");
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return absl::InvalidArgumentError("key: must be an RSA key");
  }
  if (EVP_PKEY_get_bits(key.get()) < kFewestBits) {
    return absl::InvalidArgumentError(
        absl::StrCat("key: must have at least ", kFewestBits, " bits, got ",
                     EVP_PKEY_get_bits(key.get())));
  }
  return key;
}

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string TextOf(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

absl::StatusOr<Key> ReadPublicKey(const std::string& pem) {
  return Checked(
      PEM_read_bio_PUBKEY(Reading(pem).get(), nullptr, NoPassPhrase, nullptr));
}

absl::StatusOr<Key> ReadPrivateKey(const std::string& pem) {
  return Checked(PEM_read_bio_PrivateKey(Reading(pem).get(), nullptr,
                                         NoPassPhrase, nullptr));
}

std::string WritePublicKey(const Key& key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), key.get());
  return TextOf(bio);
}

absl::StatusOr<Key> MakeKey() {
  Key key(EVP_RSA_gen(kFewestBits));
  if (key == nullptr) return absl::InternalError("key: OpenSSL made none");
  return key;
}

}  // namespace perfrig::tokens
