// How a value lies in the second tier: with the time when it ends, and sealed,
// or at least with a checksum, so that a damaged one is never taken for data.
//
// One byte, 'S' (sealed) or 'P' (plain); the wall time of its end in
// milliseconds (8 bytes, big endian); then what Keyring::Seal makes of the
// value, or an XXH3 (8 bytes) and the value. Seal and checksum cover the key
// as well: a value found under another's key is damaged.
#ifndef PERFRIG_SERVER_CACHE_ENVELOPE_H_
#define PERFRIG_SERVER_CACHE_ENVELOPE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/cache/keyring.h"

namespace perfrig::cache {

struct Content {
  std::string value = {};
  // To the millisecond; InfiniteFuture: never.
  absl::Time ends;
};

// `keyring`: null for plain.
[[nodiscard]] std::string Wrap(std::string_view key, std::string_view value,
                               absl::Time ends, Keyring* keyring);
// DATA_LOSS unless it is what Wrap made for this key; NOT_FOUND where its
// encryption key is gone. A plain one is not accepted where there is a keyring,
// nor a sealed one where there is none.
[[nodiscard]] absl::StatusOr<Content> Unwrap(std::string_view key,
                                             std::string_view bytes,
                                             const Keyring* keyring);

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_ENVELOPE_H_
