// A function whose results a cache keeps: what users of a cache library call in
// place of the function itself. A call makes a key of its arguments and asks
// the cache; what is there is read back from its bytes, the rest is computed
// (here: at once) and kept.
//
//   ASSIGN_OR_RETURN(const auto function, CachedFunction::Create(parts,
//   settings)); Caller caller(*function); ASSIGN_OR_RETURN(const cache::Source
//   source, caller.Call(arguments, nullptr));
#ifndef PERFRIG_SERVER_LOCAL_CACHED_FUNCTION_H_
#define PERFRIG_SERVER_LOCAL_CACHED_FUNCTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"
#include "server/cache/cache.h"
#include "server/cache/keyring.h"
#include "server/cache/lru.h"
#include "server/cache/value.h"
#include "server/local/answer.h"
#include "server/local/payload.h"
#include "server/local/tiers.h"

namespace perfrig::local {

// The name and a digest (SHA-256) of the arguments: equal for equal arguments
// in every process.
std::string MakeKey(std::string_view name,
                    const google::protobuf::Struct& arguments);

// As services call with: who asks, what for, which page.
google::protobuf::Struct MakeArguments(std::uint64_t number);

struct CachedFunctionSettings {
  Payload result;
  Serializer serializer = Serializer::kMessagePack;
  std::size_t first_tier_bytes = 0;
  TierSettings second_tier;
  // In the second tier.
  bool encrypt = false;
  // The first tier alone, called like a function: no call-backs, no shared
  // computation, nothing that guards a second tier.
  bool direct = false;
};

// Where the time of a call went; added up where there are several.
struct CallPhases {
  Nanos key = 0;
  Nanos serialization = 0;
  // A look-up that found something.
  Nanos first_tier = 0;
  Nanos deserialization = 0;
};

// Thread-safe.
class CachedFunction {
 public:
  static absl::StatusOr<std::shared_ptr<CachedFunction>> Create(
      const LocalParts& parts, CachedFunctionSettings settings);

  const CachedFunctionSettings& settings() const { return settings_; }
  const Clock& clock() const { return clock_; }
  // Null where it is called directly.
  cache::Cache* cache() const { return cache_.get(); }
  cache::Lru& first_tier() { return first_tier_; }

 private:
  CachedFunction(const LocalParts& parts, CachedFunctionSettings settings,
                 std::unique_ptr<OwnTier> tier);

  const Clock& clock_;
  const CachedFunctionSettings settings_;
  const std::unique_ptr<cache::Keyring> keyring_;
  const std::unique_ptr<OwnTier> tier_;
  // One of these two is in use.
  const std::shared_ptr<cache::Cache> cache_;
  cache::Lru first_tier_;
};

// One thread's calls of a cached function.
class Caller {
 public:
  // `function` outlives this.
  explicit Caller(CachedFunction& function) : function_(function) {}

  // With these arguments; where the result came from. `phases` may be null.
  absl::StatusOr<cache::Source> Call(const google::protobuf::Struct& arguments,
                                     CallPhases* phases);

 private:
  absl::StatusOr<cache::Source> Ask(const std::string& key, CallPhases* phases);
  absl::StatusOr<cache::Source> CallDirectly(const std::string& key,
                                             CallPhases* phases);
  [[nodiscard]] cache::Value Computed(CallPhases* phases) const;
  absl::Status Read(std::string_view bytes, CallPhases* phases) const;
  // 0 where nobody wants to know.
  [[nodiscard]] Nanos Now(const CallPhases* phases) const {
    return phases == nullptr ? 0 : function_.clock().Now();
  }

  CachedFunction& function_;
  Answer<absl::StatusOr<cache::Found>> found_;
};

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_CACHED_FUNCTION_H_
