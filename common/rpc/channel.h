// Channels to a daemon's control port.
#ifndef PERFRIG_COMMON_RPC_CHANNEL_H_
#define PERFRIG_COMMON_RPC_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

namespace perfrig {

// `address` is "host:port", "dns:///name:port" or "unix:/path". Connects with
// the first call, straight to the daemon (no HTTP proxy); gives up on a host
// that is silent after 3 s, tries again within a second, notices a connection
// that died without a word, and takes answers of any size.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address);

}  // namespace perfrig

#endif  // PERFRIG_COMMON_RPC_CHANNEL_H_
