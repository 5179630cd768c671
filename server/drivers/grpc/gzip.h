// gzip for single messages.
#ifndef PERFRIG_SERVER_DRIVERS_GRPC_GZIP_H_
#define PERFRIG_SERVER_DRIVERS_GRPC_GZIP_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace perfrig::drivers {

// Replaces `packed`.
void Gzip(std::string_view bytes, std::string& packed);

// Replaces `bytes`; reads zlib's format ("deflate") too. RESOURCE_EXHAUSTED
// when it would grow beyond `limit`, INTERNAL when it is broken.
absl::Status Gunzip(std::string_view packed, std::size_t limit,
                    std::string& bytes);

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_GRPC_GZIP_H_
