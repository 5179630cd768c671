#include "server/local/cached_calls.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/local/cached_function.h"
#include "server/local/function_with_options.h"
#include "server/local/options.h"
#include "server/local/payload.h"

namespace perfrig::local {
namespace {

using cache::Source;
using drivers::LocalCall;
using drivers::LocalScope;
using drivers::LocalTrailers;
using google::protobuf::Struct;

struct Settings {
  PayloadSettings payload;
  // Without the result, which the payload makes.
  CachedFunctionSettings function;
  bool miss = true;
  bool hit = true;
  Source found = Source::kFirstTier;
  std::size_t keys = 0;
  bool shared = false;
  bool phases = false;
};

Settings Read(Options& options) {
  Settings settings;
  const std::string calls =
      options.Choice("calls", {"both", "miss", "hit"}, "both");
  settings.miss = calls != "hit";
  settings.hit = calls != "miss";
  CachedFunctionSettings& function = settings.function;
  settings.payload = ReadPayload(options);
  function.serializer =
      ReadSerializer(options, settings.payload.kind == PayloadKind::kTable);
  function.first_tier_bytes =
      options.Size("first_tier_bytes", {.min = 0, .max = 10e9}, 16'000'000);
  function.second_tier = ReadTier(options, TierKind::kMemory);
  function.encrypt = options.Flag("encrypt", false);
  function.direct =
      options.Choice("path", {"callbacks", "direct"}, "callbacks") == "direct";
  settings.found = options.Choice("found", {"first_tier", "second_tier"},
                                  "first_tier") == "first_tier"
                       ? Source::kFirstTier
                       : Source::kSecondTier;
  settings.keys = options.Count("keys", {.min = 1, .max = 1'000'000}, 64);
  settings.shared = options.Flag("shared", false);
  settings.phases = options.Flag("phases", false);
  return settings;
}

// What the lanes share, or each has for itself.
struct Cached {
  std::shared_ptr<CachedFunction> function;
  // Numbers below `keys` are those of hits alone, which are there from the
  // start.
  std::atomic<std::uint64_t> next;
};

absl::Status Want(Source source, Source wanted) {
  if (source == wanted) return absl::OkStatus();
  const auto name = [](Source of) {
    switch (of) {
      case Source::kFirstTier:
        return "found in the first tier";
      case Source::kSecondTier:
        return "found in the second tier";
      case Source::kComputed:
        return "computed";
      case Source::kNowhere:
        break;
    }
    return "nowhere";
  };
  return absl::FailedPreconditionError(absl::StrCat(
      "the result was ", name(source), ", should have been ", name(wanted)));
}

class CachedCall final : public LocalCall {
 public:
  CachedCall(const Settings& settings, std::shared_ptr<Cached> cached)
      : miss_(settings.miss),
        hit_(settings.hit),
        found_(settings.found),
        keys_(settings.keys),
        wants_phases_(settings.phases),
        cached_(std::move(cached)),
        caller_(*cached_->function) {}

  absl::Status Prepare() override {
    const std::uint64_t number = cached_->next++;
    arguments_ = MakeArguments(miss_ ? number : number % keys_);
    phases_ = {};
    return absl::OkStatus();
  }

  absl::Status Run() override {
    CallPhases* const phases = wants_phases_ ? &phases_ : nullptr;
    if (miss_) {
      ASSIGN_OR_RETURN(const Source source, caller_.Call(arguments_, phases));
      RETURN_IF_ERROR(Want(source, Source::kComputed));
    }
    if (!hit_) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Source source, caller_.Call(arguments_, phases));
    return Want(source, found_);
  }

  void Tell(Nanos took, LocalTrailers& trailers) override {
    if (!wants_phases_) return;
    Nanos rest = took;
    const auto tell = [&](const char* name, Nanos time) {
      trailers.AddPhase(name, time);
      rest -= time;
    };
    tell("key", phases_.key);
    tell("serialization", phases_.serialization);
    tell("first_tier", phases_.first_tier);
    tell("deserialization", phases_.deserialization);
    // Everything else is.
    tell("machinery", rest);
  }

 private:
  const bool miss_;
  const bool hit_;
  const Source found_;
  const std::size_t keys_;
  const bool wants_phases_;
  const std::shared_ptr<Cached> cached_;
  Caller caller_;
  Struct arguments_;
  CallPhases phases_;
};

// With what hits without a miss before need.
absl::StatusOr<std::shared_ptr<Cached>> MakeCached(const LocalParts& parts,
                                                   const Settings& settings) {
  auto cached = std::make_shared<Cached>();
  CachedFunctionSettings function = settings.function;
  function.result = MakePayload(settings.payload);
  ASSIGN_OR_RETURN(cached->function,
                   CachedFunction::Create(parts, std::move(function)));
  if (settings.miss) return cached;
  Caller caller(*cached->function);
  for (std::size_t i = 0; i < settings.keys; ++i) {
    RETURN_IF_ERROR(caller.Call(MakeArguments(i), nullptr).status());
  }
  return cached;
}

}  // namespace

drivers::LocalFunction CacheCall(const LocalParts& parts) {
  return FunctionWithOptions<Settings>(
      Read,
      [parts](const Settings& settings, std::string_view data,
              LocalScope& scope) -> MadeCall {
        const auto make = [&] { return MakeCached(parts, settings); };
        ASSIGN_OR_RETURN(
            std::shared_ptr<Cached> cached,
            settings.shared
                ? scope.Share<Cached>(
                      absl::StrCat("cached ", std::string(data)), make)
                : make());
        return std::make_unique<CachedCall>(settings, std::move(cached));
      });
}

}  // namespace perfrig::local
