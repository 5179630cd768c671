#include "server/local/local_functions.h"

#include "server/local/basics.h"
#include "server/local/cached_calls.h"
#include "server/local/lookups.h"
#include "server/local/request_calls.h"
#include "server/local/serializer_calls.h"
#include "server/local/tier_calls.h"

namespace perfrig::local {

drivers::LocalFunctions MakeLocalFunctions(const LocalParts& parts) {
  return {
      {"noop", Noop()},
      {"spin", Spin(parts.clock)},
      {"cache.get", CacheGet(parts.clock)},
      {"cache.miss", CacheMiss(parts.clock)},
      {"cache.put", CachePut(parts.clock)},
      {"cache.call", CacheCall(parts)},
      {"tier.get", TierGet(parts)},
      {"serialize", SerializeCall()},
      {"deserialize", DeserializeCall()},
      {"table.read", TableRead()},
      {"key.make", KeyMake()},
      {"wrapper.create", WrapperCreate(parts)},
      {"context.get", ContextGet()},
      {"url.encode", UrlEncodeCall()},
  };
}

}  // namespace perfrig::local
