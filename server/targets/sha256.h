// SHA-256 of bytes that come in pieces.
#ifndef PERFRIG_SERVER_TARGETS_SHA256_H_
#define PERFRIG_SERVER_TARGETS_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

typedef struct evp_md_ctx_st EVP_MD_CTX;

namespace perfrig::targets {

class Sha256 {
 public:
  Sha256();

  void Add(std::string_view bytes);
  // Lower-case hex; once, and nothing may be added afterwards.
  std::string Finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const;
  };

  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_SHA256_H_
