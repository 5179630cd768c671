// The JSON object of a token: its header or its claims.
#ifndef PERFRIG_SERVER_TOKENS_CLAIMS_H_
#define PERFRIG_SERVER_TOKENS_CLAIMS_H_

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace perfrig::tokens {

// An array or object that is no array of strings.
struct OtherValue {};

using ClaimValue = std::variant<std::string, double, bool,
                                std::vector<std::string>, OtherValue>;
using Claims = std::map<std::string, ClaimValue, std::less<>>;

// Null for a claim of another type or none.
const std::string* TextOf(const Claims& claims, std::string_view name);
const double* NumberOf(const Claims& claims, std::string_view name);

// INVALID_ARGUMENT for what is no JSON object, and for a name that stands in it
// twice: two readers could take different ones.
absl::StatusOr<Claims> ParseClaims(std::string_view json);
// Without the values that ParseClaims doesn't keep.
std::string WriteClaims(const Claims& claims);

}  // namespace perfrig::tokens

#endif  // PERFRIG_SERVER_TOKENS_CLAIMS_H_
