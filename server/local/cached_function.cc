#include "server/local/cached_function.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/cache/messagepack.h"
#include "server/local/keep.h"

namespace perfrig::local {
namespace {

using cache::Found;
using cache::PendingPtr;
using cache::Source;
using cache::Value;
using google::protobuf::Struct;

// Looked up once: OpenSSL takes longer to find it than to use it.
const EVP_MD* Sha256() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

cache::CacheOptions OptionsOf(const CachedFunctionSettings& settings,
                              const OwnTier& tier) {
  cache::CacheOptions options;
  options.first_tier.max_bytes = settings.first_tier_bytes;
  options.second_tier.prefix = tier.prefix();
  return options;
}

}  // namespace

std::string MakeKey(std::string_view name, const Struct& arguments) {
  const std::string bytes = cache::ToMessagePack(arguments);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, Sha256(),
             nullptr);
  return absl::StrCat(
      std::string(name), ":",
      absl::BytesToHexString(absl::string_view(
          reinterpret_cast<const char*>(digest.data()), digest.size())));
}

Struct MakeArguments(std::uint64_t number) {
  Struct arguments;
  auto& fields = *arguments.mutable_fields();
  fields["tenant"].set_string_value("tenant-17");
  fields["customer"].set_number_value(static_cast<double>(number));
  fields["page"].set_number_value(1);
  fields["newest_first"].set_bool_value(true);
  return arguments;
}

absl::StatusOr<std::shared_ptr<CachedFunction>> CachedFunction::Create(
    const LocalParts& parts, CachedFunctionSettings settings) {
  if (settings.direct) settings.second_tier.kind = TierKind::kNone;
  ASSIGN_OR_RETURN(std::unique_ptr<OwnTier> tier,
                   OwnTier::Create(parts, settings.second_tier));
  return std::shared_ptr<CachedFunction>(
      new CachedFunction(parts, std::move(settings), std::move(tier)));
}

CachedFunction::CachedFunction(const LocalParts& parts,
                               CachedFunctionSettings settings,
                               std::unique_ptr<OwnTier> tier)
    : clock_(parts.clock),
      settings_(std::move(settings)),
      keyring_(settings_.encrypt ? cache::Keyring::CreateRandom() : nullptr),
      tier_(std::move(tier)),
      cache_(settings_.direct
                 ? nullptr
                 : cache::Cache::Create(OptionsOf(settings_, *tier_),
                                        {.clock = parts.clock,
                                         .delays = parts.delays,
                                         .tier = tier_->get(),
                                         .keyring = keyring_.get()})),
      first_tier_(
          parts.clock,
          {.max_bytes = settings_.direct ? settings_.first_tier_bytes : 0}) {}

absl::StatusOr<Source> Caller::Call(const Struct& arguments,
                                    CallPhases* phases) {
  const Nanos began = Now(phases);
  const std::string key = MakeKey("orders.of_customer", arguments);
  if (phases != nullptr) phases->key += Now(phases) - began;
  if (function_.cache() == nullptr) return CallDirectly(key, phases);
  return Ask(key, phases);
}

absl::StatusOr<Source> Caller::Ask(const std::string& key, CallPhases* phases) {
  const auto compute = [this,
                        phases](const PendingPtr<absl::StatusOr<Value>>& to) {
    to->Answer(Computed(phases));
  };
  const Nanos began = Now(phases);
  function_.cache()->GetOrCompute(key, kLocalTtl, compute, found_.Ask());
  ASSIGN_OR_RETURN(const Found found, found_.Wait());
  if (found.source == Source::kComputed) return found.source;
  if (phases != nullptr && found.source == Source::kFirstTier) {
    phases->first_tier += Now(phases) - began;
  }
  RETURN_IF_ERROR(Read(*found.value, phases));
  return found.source;
}

absl::StatusOr<Source> Caller::CallDirectly(const std::string& key,
                                            CallPhases* phases) {
  const Nanos began = Now(phases);
  const Value value = function_.first_tier().Get(key);
  if (value == nullptr) {
    function_.first_tier().Put(key, Computed(phases), kLocalTtl);
    return Source::kComputed;
  }
  if (phases != nullptr) phases->first_tier += Now(phases) - began;
  RETURN_IF_ERROR(Read(*value, phases));
  return Source::kFirstTier;
}

Value Caller::Computed(CallPhases* phases) const {
  const CachedFunctionSettings& settings = function_.settings();
  const Nanos began = Now(phases);
  std::string bytes = Serialize(settings.serializer, settings.result);
  if (phases != nullptr) phases->serialization += Now(phases) - began;
  return cache::MakeValue(std::move(bytes));
}

absl::Status Caller::Read(std::string_view bytes, CallPhases* phases) const {
  const CachedFunctionSettings& settings = function_.settings();
  const bool table = std::holds_alternative<Table>(settings.result);
  const Nanos began = Now(phases);
  {
    const auto result = Deserialize(settings.serializer, table, bytes);
    RETURN_IF_ERROR(result.status());
    Keep(*result);
  }
  // Its end included, which a large one takes as long for as for its making.
  if (phases != nullptr) phases->deserialization += Now(phases) - began;
  return absl::OkStatus();
}

}  // namespace perfrig::local
