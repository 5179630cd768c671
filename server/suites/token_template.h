// A token that a client signs itself: {{jwt RS256 key=NAME sub=u-1 ttl=1h}}.
#ifndef PERFRIG_SERVER_SUITES_TOKEN_TEMPLATE_H_
#define PERFRIG_SERVER_SUITES_TOKEN_TEMPLATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/suites/supplied.h"
#include "server/tokens/claims.h"

namespace perfrig::suites {

class TokenTemplate {
 public:
  // Of the words within the braces. INVALID_ARGUMENT saying what is wrong.
  static absl::StatusOr<TokenTemplate> Parse(
      const std::vector<std::string>& words);

  // INVALID_ARGUMENT where the variable of the key is not there, or holds no
  // key that signs so; never shows it.
  absl::Status CheckKey(const Supplied& supplied) const;
  // About a millisecond of CPU. `CheckKey` is OK.
  std::string Sign(const Supplied& supplied) const;

 private:
  absl::Status Set(const std::string& name, const std::string& value);

  // RS256, else HS256.
  bool rsa_ = true;
  std::string key_;
  std::string kid_;
  absl::Duration ttl_ = absl::Hours(1);
  // Without its times.
  tokens::Claims claims_;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_TOKEN_TEMPLATE_H_
