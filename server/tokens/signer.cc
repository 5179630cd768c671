#include "server/tokens/signer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/tokens/base64url.h"

namespace perfrig::tokens {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Signing with a key that was checked fails only without memory.
void Require(int result) {
  if (result != 1) std::abort();
}

std::string Signature(EVP_PKEY* key, const std::string& text) {
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Require(
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key));
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  std::size_t size = signature.size();
  Require(EVP_DigestSign(
      context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
      reinterpret_cast<const unsigned char*>(text.data()), text.size()));
  signature.resize(size);
  return signature;
}

// Header and claims, to which the signature comes.
std::string Unsigned(const char* algorithm, const std::string& kid,
                     const Claims& claims) {
  Claims header = {{"alg", std::string(algorithm)},
                   {"typ", std::string("JWT")}};
  if (!kid.empty()) header["kid"] = kid;
  return absl::StrCat(EncodeBase64Url(WriteClaims(header)), ".",
                      EncodeBase64Url(WriteClaims(claims)));
}

}  // namespace

std::string SignWithSecret(const std::string& secret, const std::string& kid,
                           const Claims& claims) {
  std::string token = Unsigned("HS256", kid, claims);
  std::array<unsigned char, EVP_MAX_MD_SIZE> code;
  unsigned int size = 0;
  const unsigned char* made =
      HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(token.data()), token.size(),
           code.data(), &size);
  Require(made != nullptr ? 1 : 0);
  absl::StrAppend(&token, ".",
                  EncodeBase64Url(std::string(
                      reinterpret_cast<const char*>(code.data()), size)));
  return token;
}

std::string TokenSigner::Sign(const Claims& claims) const {
  std::string token = Unsigned("RS256", kid_, claims);
  const std::string signature = Signature(key_.get(), token);
  absl::StrAppend(&token, ".", EncodeBase64Url(signature));
  return token;
}

PendingSigner::PendingSigner(std::string kid)
    : thread_([this, kid = std::move(kid)]() mutable { Run(std::move(kid)); }) {
}

PendingSigner::~PendingSigner() {
  {
    MutexLock lock(mutex_);
    ends_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

absl::Status PendingSigner::Post(Work work) {
  {
    MutexLock lock(mutex_);
    if (work_.size() >= kMostWaiting) {
      return absl::ResourceExhaustedError(
          absl::StrCat("token: ", work_.size(), " wait to be signed already"));
    }
    work_.push_back(std::move(work));
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

void PendingSigner::Run(std::string kid) {
  {
    MutexLock lock(mutex_);
    while (work_.empty() && !ends_) changed_.Wait(mutex_);
    if (ends_) return;
  }
  absl::StatusOr<Key> key = MakeKey();
  if (!key.ok()) std::abort();  // As in Require.
  signer_.emplace(std::move(kid), *std::move(key));
  ready_.store(&*signer_);
  while (true) {
    Work next;
    {
      MutexLock lock(mutex_);
      while (work_.empty() && !ends_) changed_.Wait(mutex_);
      if (ends_) return;
      next = std::move(work_.front());
      work_.pop_front();
    }
    next(*signer_);
  }
}

}  // namespace perfrig::tokens
