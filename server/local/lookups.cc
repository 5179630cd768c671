#include "server/local/lookups.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/cache/lru.h"
#include "server/local/function_with_options.h"
#include "server/local/keep.h"
#include "server/local/options.h"

namespace perfrig::local {
namespace {

using cache::Lru;
using cache::Value;
using drivers::LocalCall;
using drivers::LocalScope;

enum class Operation { kGet, kMiss, kPut };

struct Settings {
  std::size_t keys = 0;
  std::size_t bytes = 0;
  std::size_t first_tier_bytes = 0;
  bool shared = false;
};

Settings Read(Options& options) {
  Settings settings;
  settings.keys = options.Count("keys", {.min = 1, .max = 1'000'000}, 4'096);
  settings.bytes = options.Size("bytes", {.min = 0, .max = 10e6}, 10'000);
  settings.first_tier_bytes =
      options.Size("first_tier_bytes", {.min = 0, .max = 10e9}, 256'000'000);
  settings.shared = options.Flag("shared", false);
  return settings;
}

std::vector<std::string> Keys(std::string_view prefix, std::size_t count) {
  std::vector<std::string> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    keys.push_back(absl::StrCat(std::string(prefix), "/user/", i * 7'919));
  }
  return keys;
}

// The tier, with all keys that fit. All of them share one value: what a value
// holds is nothing to a look-up.
struct Tier {
  Tier(const Clock& clock, const Settings& settings)
      : lru(clock, {.max_bytes = settings.first_tier_bytes}),
        keys(Keys("a", settings.keys)),
        value(cache::MakeValue(std::string(settings.bytes, 'v'))) {
    for (const std::string& key : keys) lru.Put(key, value, kTtl);
  }

  static constexpr Nanos kTtl = 3'600 * kSecond;

  Lru lru;
  const std::vector<std::string> keys;
  const Value value;
};

class Lookup final : public LocalCall {
 public:
  Lookup(Operation operation, std::shared_ptr<Tier> tier, std::size_t keys)
      : operation_(operation), tier_(std::move(tier)) {
    if (operation == Operation::kMiss) absent_ = Keys("b", keys);
  }

  absl::Status Prepare() override {
    const auto& keys = operation_ == Operation::kMiss ? absent_ : tier_->keys;
    // An order without a pattern, of all of them.
    next_ = (next_ + 2'654'435'761) % keys.size();
    key_ = keys[next_];
    return absl::OkStatus();
  }

  absl::Status Run() override {
    if (operation_ == Operation::kPut) {
      tier_->lru.Put(key_, tier_->value, Tier::kTtl);
      return absl::OkStatus();
    }
    const Value found = tier_->lru.Get(key_);
    Keep(found);
    if ((found != nullptr) == (operation_ == Operation::kGet)) {
      return absl::OkStatus();
    }
    return absl::FailedPreconditionError(
        found == nullptr ? "the first tier does not hold the key"
                         : "the first tier holds a key that nobody has put");
  }

 private:
  const Operation operation_;
  // Shared with other lanes, where the data say so.
  const std::shared_ptr<Tier> tier_;
  std::vector<std::string> absent_;
  std::size_t next_ = 0;
  std::string_view key_;
};

drivers::LocalFunction Make(Operation operation, const Clock& clock) {
  return FunctionWithOptions<Settings>(
      Read,
      [operation, &clock](const Settings& settings, std::string_view data,
                          LocalScope& scope) -> MadeCall {
        const auto make = [&]() -> absl::StatusOr<std::shared_ptr<Tier>> {
          return std::make_shared<Tier>(clock, settings);
        };
        ASSIGN_OR_RETURN(
            std::shared_ptr<Tier> tier,
            settings.shared
                ? scope.Share<Tier>(
                      absl::StrCat("first tier ", std::string(data)), make)
                : make());
        return std::make_unique<Lookup>(operation, std::move(tier),
                                        settings.keys);
      });
}

}  // namespace

drivers::LocalFunction CacheGet(const Clock& clock) {
  return Make(Operation::kGet, clock);
}

drivers::LocalFunction CacheMiss(const Clock& clock) {
  return Make(Operation::kMiss, clock);
}

drivers::LocalFunction CachePut(const Clock& clock) {
  return Make(Operation::kPut, clock);
}

}  // namespace perfrig::local
